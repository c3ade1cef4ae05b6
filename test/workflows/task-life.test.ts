import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { describe, expect, inject, test } from 'vitest';
import type { TransferInput } from '../../src/activities/types.ts';
import type { Checkpoint } from '../../src/domain/checkpoint.ts';
import { noTimeSkipping } from '../support/time-skipping.ts';
import {
  fakeSteps,
  finalFailure,
  Gate,
  INPUT,
  PART,
  PUBLISHED,
  SOURCE,
  untilCancelled,
} from './fake-steps.ts';
import { taskBench } from './task-bench.ts';

const reason = noTimeSkipping(inject('cacheDir'));
const plain = fakeSteps();

const checkpoint = (step: string, step_index: number): Checkpoint => ({
  step,
  step_index,
  data: { downloaded_bytes: 400, bytes_fetched: 450 },
  timestamp: '2026-01-02T03:04:05.000Z',
});

describe.skipIf(reason).each([
  { where: 'kept in the worker’s memory', options: {} },
  { where: 'replayed for each workflow task', options: { maxCachedWorkflows: 0 } },
])(`a download ${reason ? `(skipped: ${reason}) ` : ''}$where`, ({ options }) => {
  const bench = taskBench(options);

  describe('does its steps', () => {
    test('in order, each with what the ones before it found out', async () => {
      const calls: unknown[] = [];
      const noted =
        <I, O>(name: string, step: (input: I) => Promise<O>) =>
        (input: I) => {
          calls.push([name, input]);
          return step(input);
        };
      const run = await bench.start({
        probe: noted('probe', plain.probe),
        reserve: noted('reserve', plain.reserve),
        transfer: noted('transfer', plain.transfer),
        verify: noted('verify', plain.verify),
        publish: noted('publish', plain.publish),
      });
      expect(await run.result()).toEqual({
        ...PUBLISHED,
        sha256: null,
        resumed: false,
        bytesFetched: 1000,
        restarts: 0,
        retries: 0,
        alreadyThere: false,
      });
      expect(calls).toEqual([
        ['probe', INPUT],
        ['reserve', { source: SOURCE, download: INPUT }],
        ['transfer', { source: SOURCE, part: PART, download: INPUT, bytesFetchedBefore: 0 }],
        ['verify', { part: PART, bytes: 1000, source: SOURCE, download: INPUT }],
        ['publish', { part: PART, bytes: 1000, download: INPUT }],
      ]);
    });

    test('and its memo tells of the end', async () => {
      const run = await bench.start();
      await run.result();
      const memo = await run.memo();
      expect(memo).toMatchObject({
        taskType: 'video_download',
        status: 'completed',
        progress: 100,
        step: 'publish',
        retryCount: 0,
        data: { url: INPUT.url },
        checkpoint: { step: 'transfer', step_index: 2, data: { downloaded_bytes: 1000, total_size: 1000 } },
      });
      expect(await run.state()).toMatchObject(memo);
    });

    test('and counts the retries of all of them', async () => {
      const run = await bench.start({
        probe: async () => ({ value: SOURCE, retries: 2 }),
        publish: async () => ({ value: PUBLISHED, retries: 3 }),
      });
      expect((await run.result()).retries).toBe(5);
      expect(await run.memo()).toMatchObject({ retryCount: 5 });
    });

    test('not at all when the file of an earlier run is still there', async () => {
      const run = await bench.start(
        { probe: () => Promise.reject(new Error('not to be called')) },
        { task: { ...INPUT, published: PUBLISHED } },
      );
      expect(await run.result()).toMatchObject({ ...PUBLISHED, alreadyThere: true, bytesFetched: 0 });
    });

    test('again when that file is gone', async () => {
      const run = await bench.start(
        { recall: async () => ({ value: false, retries: 0 }) },
        { task: { ...INPUT, published: PUBLISHED } },
      );
      expect(await run.result()).toMatchObject({ alreadyThere: false, bytesFetched: 1000 });
    });

    test('again without asking when it is forced to', async () => {
      const run = await bench.start(
        { recall: () => Promise.reject(new Error('not to be called')) },
        { task: { ...INPUT, published: PUBLISHED, force: true } },
      );
      expect(await run.result()).toMatchObject({ alreadyThere: false });
    });

    test('however long a step has to wait for its next attempt', async () => {
      const sixHours = 6 * 3_600_000;
      const run = await bench.start({
        probe: async () => {
          if (Context.current().info.attempt < 4) {
            throw ApplicationFailure.create({ message: 'come back later', nextRetryDelay: sixHours });
          }
          return { value: SOURCE, retries: 3 };
        },
      });
      expect(await run.result()).toMatchObject({ retries: 3 });
      const { startTime, closeTime } = await run.handle.describe();
      expect(Number(closeTime) - Number(startTime)).toBeGreaterThanOrEqual(3 * sixHours);
    });
  });

  describe('tells its progress', () => {
    test('as its step reports it', async () => {
      const gate = new Gate();
      const run = await bench.start({
        transfer: async (input) => {
          await gate.opened;
          return plain.transfer(input);
        },
      });
      await run.inStep('transfer');
      expect(await run.state()).toMatchObject({ status: 'running', progress: 2, checkpoint: null });
      await run.progress({ step: 'transfer', fraction: 0.5, data: { downloaded_bytes: 500 } });
      expect(await run.state()).toMatchObject({
        progress: 49,
        checkpoint: { step: 'transfer', step_index: 2, data: { downloaded_bytes: 500 } },
      });
      await run.progress({ step: 'probe', fraction: 0.5, data: { late: true } });
      expect(await run.state()).toMatchObject({
        progress: 49,
        checkpoint: { data: { downloaded_bytes: 500 } },
      });
      gate.open();
      await run.result();
    });

    test.each([
      ['nothing', undefined],
      ['a word', 'half'],
      ['no data', { step: 'transfer', fraction: 0.5 }],
      ['a word for a number', { step: 'transfer', fraction: 'half', data: {} }],
    ])('and is not harmed by a signal that says %s', async (_what, progress) => {
      const gate = new Gate();
      const run = await bench.start({
        transfer: async (input) => {
          await gate.opened;
          return plain.transfer(input);
        },
      });
      await run.inStep('transfer');
      await run.progress(progress);
      expect(await run.state()).toMatchObject({ progress: 2, checkpoint: null });
      gate.open();
      await run.result();
    });

    test('and writes it down at most once a second, but every change of status at once', async () => {
      const run = await bench.start({ transfer: untilCancelled });
      await run.inStep('transfer');
      for (let n = 1; n <= 20; n += 1) {
        await run.progress({ step: 'transfer', fraction: n / 100, data: { downloaded_bytes: n } });
      }
      await run.pause();
      expect(await run.memo()).toMatchObject({
        status: 'paused',
        checkpoint: { data: { downloaded_bytes: 20 } },
      });
      await run.resume();
      await run.handle.cancel();
      await run.failure();
      const writes = (await run.events()).flatMap((event) => {
        const fields = event.workflowPropertiesModifiedEventAttributes?.upsertedMemo?.fields;
        const { seconds, nanos } = event.eventTime ?? {};
        return fields
          ? [{ atMs: Number(seconds) * 1000 + Number(nanos) / 1e6, fields: Object.keys(fields) }]
          : [];
      });
      const unasked = writes.filter(({ fields }, i) => i > 0 && !fields.includes('status'));
      for (const write of unasked) {
        const before = writes[writes.indexOf(write) - 1];
        expect(write.atMs - (before?.atMs ?? 0)).toBeGreaterThanOrEqual(1000);
      }
      expect(writes.length - unasked.length).toBe(4); // running, paused, running, failed
    });

    test('and writes it down when the last time was a second ago', async () => {
      const gate = new Gate();
      const run = await bench.start({
        probe: async () => {
          if (Context.current().info.attempt === 1) {
            throw ApplicationFailure.create({ message: 'wait', nextRetryDelay: 5000 });
          }
          return { value: SOURCE, retries: 1 };
        },
        transfer: async (input) => {
          await gate.opened;
          return plain.transfer(input);
        },
      });
      await bench.sleep(6000);
      await run.inStep('transfer');
      expect((await run.memo()).retryCount).toBe(1);
      gate.open();
      await run.result();
    });
  });

  describe('goes on from a checkpoint', () => {
    test('and tells its transfer what was received before', async () => {
      let transfer: TransferInput | undefined;
      const run = await bench.start(
        {
          transfer: async (input) => {
            transfer = input;
            return plain.transfer(input);
          },
        },
        { checkpoint: checkpoint('transfer', 2), recoveryAttempts: 2 },
      );
      expect(await run.result()).toMatchObject({ bytesFetched: 1450 });
      expect(transfer?.bytesFetchedBefore).toBe(450);
      expect(await run.memo()).toMatchObject({ recoveryAttempts: 2 });
    });

    test('which never moves back while earlier steps are done again', async () => {
      const gate = new Gate();
      const run = await bench.start(
        {
          verify: async () => {
            await gate.opened;
            return { value: { sha256: null }, retries: 0 };
          },
        },
        { checkpoint: checkpoint('publish', 4) },
      );
      expect((await run.until(({ step }) => step === 'probe' || step === 'verify')).checkpoint).toEqual(
        checkpoint('publish', 4),
      );
      await run.inStep('verify');
      await run.progress({ step: 'verify', fraction: 0.5, data: { downloaded_bytes: 1 } });
      expect((await run.state()).checkpoint).toEqual(checkpoint('publish', 4));
      gate.open();
      await run.result();
      expect(await run.memo()).toMatchObject({ checkpoint: checkpoint('publish', 4) });
    });

    test('of a version that had fewer steps', async () => {
      const run = await bench.start({}, { checkpoint: checkpoint('transfer', 0) });
      await run.result();
      expect(await run.memo()).toMatchObject({ checkpoint: { step: 'transfer', step_index: 2 } });
    });

    test.each([
      ['a word', 'transfer', /expected an object, found "transfer"/],
      ['no data', { ...checkpoint('transfer', 2), data: undefined }, /data is missing/],
      ['an index below zero', checkpoint('transfer', -1), /step_index is -1/],
      ['a time that is none', { ...checkpoint('transfer', 2), timestamp: 'soon' }, /timestamp is "soon"/],
      ['a step that a download has not', checkpoint('login', 2), /of the step login/],
    ])('or says clearly that it is damaged: %s', async (_what, damaged, message) => {
      const run = await bench.start(
        { probe: () => Promise.reject(new Error('not to be called')) },
        { checkpoint: damaged as Checkpoint },
      );
      const failure = (await run.failure()) as ApplicationFailure;
      expect(failure.message).toMatch(message);
      expect(failure).toMatchObject({ type: 'unrecoverable_data', nonRetryable: true });
      expect(failure.details?.[0]).toMatchObject({
        errorType: 'INVALID_CHECKPOINT',
        hint: expect.stringContaining('--from-start'),
      });
      expect(await run.memo()).toMatchObject({
        status: 'failed',
        lastError: { errorType: 'INVALID_CHECKPOINT' },
      });
    });
  });

  describe('paused', () => {
    test('inside a step stops it, and resumed does it again from what it kept', async () => {
      const fetchedBefore: number[] = [];
      const run = await bench.start({
        transfer: async (input) => {
          fetchedBefore.push(input.bytesFetchedBefore);
          return fetchedBefore.length === 1 ? untilCancelled() : plain.transfer(input);
        },
      });
      await run.inStep('transfer');
      await run.progress({ step: 'transfer', fraction: 0.3, data: { bytes_fetched: 300 } });
      expect(await run.pause()).toMatchObject({ status: 'paused', step: 'transfer' });
      expect(await run.memo()).toMatchObject({
        status: 'paused',
        checkpoint: { data: { bytes_fetched: 300 } },
      });
      expect(await run.resume()).toMatchObject({ status: 'running' });
      expect(await run.result()).toMatchObject({ bytesFetched: 1300 });
      expect(fetchedBefore).toEqual([0, 300]);
    });

    test('while a step can’t stop lets it end, and waits before the next one', async () => {
      const gate = new Gate();
      let probes = 0;
      let reserved = false;
      const run = await bench.start({
        probe: async () => {
          probes += 1;
          await gate.opened;
          return { value: SOURCE, retries: 0 };
        },
        reserve: async () => {
          reserved = true;
          return { value: PART, retries: 0 };
        },
      });
      await run.inStep('probe');
      const pause = await run.askForPause();
      gate.open();
      expect(await pause.result()).toMatchObject({ status: 'paused' });
      expect(reserved).toBe(false);
      await run.resume();
      await run.result();
      expect(probes).toBe(1);
    });

    test('at the moment a step ends keeps what it returned', async () => {
      let transfers = 0;
      const run = await bench.start({
        transfer: async (input) => {
          transfers += 1;
          await untilCancelled().catch(() => undefined);
          return plain.transfer(input);
        },
      });
      await run.inStep('transfer');
      expect(await run.pause()).toMatchObject({ status: 'paused', checkpoint: { step: 'transfer' } });
      await run.resume();
      await run.result();
      expect(transfers).toBe(1);
    });

    test('in its last step may be completed instead', async () => {
      const run = await bench.start({
        publish: async () => {
          await untilCancelled().catch(() => undefined);
          return { value: PUBLISHED, retries: 0 };
        },
      });
      await run.inStep('publish');
      expect(await run.pause()).toMatchObject({ status: 'completed' });
      await run.result();
    });

    test('and resumed at once goes on, and both are answered', async () => {
      let transfers = 0;
      const run = await bench.start({
        transfer: async (input) => {
          transfers += 1;
          return transfers === 1 ? untilCancelled() : plain.transfer(input);
        },
      });
      await run.inStep('transfer');
      await Promise.all([run.pause(), run.resume()]);
      // Which of the two came first is the server's to say.
      if ((await run.state()).status === 'paused') await run.resume();
      await run.result();
      expect(transfers).toBeLessThanOrEqual(2);
    });

    test('resumed and paused at once answers both', async () => {
      const run = await bench.start({ transfer: untilCancelled });
      await run.inStep('transfer');
      await run.pause();
      await Promise.all([run.resume(), run.pause()]);
      await run.handle.cancel();
      await run.failure();
    });

    test('twice is paused, and resumed without a pause goes on', async () => {
      const run = await bench.start({ transfer: untilCancelled });
      await run.inStep('transfer');
      expect(await run.resume()).toMatchObject({ status: 'running' });
      await run.pause();
      expect(await run.pause()).toMatchObject({ status: 'paused' });
      await run.handle.cancel();
      await run.failure();
    });
  });

  describe('cancelled', () => {
    const noting = (discarded: unknown[]) => async (part: unknown) => {
      discarded.push(part);
      return { value: null, retries: 0 };
    };

    test('removes its part file and closes as cancelled', async () => {
      const discarded: unknown[] = [];
      const run = await bench.start({ transfer: untilCancelled, discard: noting(discarded) });
      await run.inStep('transfer');
      await run.handle.cancel();
      expect(await run.failure()).toBeInstanceOf(CancelledFailure);
      expect(await run.runStatus()).toBe('CANCELLED');
      expect(discarded).toEqual([PART]);
      expect(await run.memo()).toMatchObject({
        status: 'failed',
        lastError: { errorType: 'Cancelled', step: 'transfer', category: 'unrecoverable_business' },
      });
    });

    test('keeps its part file when it is asked to', async () => {
      const discarded: unknown[] = [];
      const run = await bench.start({ transfer: untilCancelled, discard: noting(discarded) });
      await run.inStep('transfer');
      await run.handle.signal('keep');
      await run.handle.cancel();
      await run.failure();
      expect(await run.runStatus()).toBe('CANCELLED');
      expect(discarded).toEqual([]);
    });

    test('while it is paused', async () => {
      const discarded: unknown[] = [];
      const run = await bench.start({ transfer: untilCancelled, discard: noting(discarded) });
      await run.inStep('transfer');
      await run.pause();
      await run.handle.cancel();
      await run.failure();
      expect(await run.runStatus()).toBe('CANCELLED');
      expect(discarded).toEqual([PART]);
    });

    test('together with a pause is cancelled, and the pause is answered', async () => {
      const run = await bench.start({ transfer: untilCancelled });
      await run.inStep('transfer');
      const paused = run.pause();
      await run.handle.cancel();
      expect((await paused).status).toMatch(/paused|failed/);
      await run.failure();
      expect(await run.runStatus()).toBe('CANCELLED');
    });

    test('before it has a part file has nothing to remove', async () => {
      const discarded: unknown[] = [];
      const run = await bench.start({ probe: untilCancelled, discard: noting(discarded) });
      await run.inStep('probe');
      await run.handle.cancel();
      await run.failure();
      expect(discarded).toEqual([]);
    });

    test('while a step ends all the same does no further step', async () => {
      let verified = false;
      const run = await bench.start({
        transfer: async (input) => {
          await untilCancelled().catch(() => undefined);
          return plain.transfer(input);
        },
        verify: async () => {
          verified = true;
          return { value: { sha256: null }, retries: 0 };
        },
      });
      await run.inStep('transfer');
      await run.handle.cancel();
      await run.failure();
      expect(await run.runStatus()).toBe('CANCELLED');
      expect(await run.memo()).toMatchObject({ status: 'failed', lastError: { errorType: 'Cancelled' } });
      expect(verified).toBe(false);
    });

    test('is cancelled even when its part file cannot be removed', async () => {
      const run = await bench.start({
        transfer: untilCancelled,
        discard: () => Promise.reject(finalFailure({ message: 'read-only file system' })),
      });
      await run.inStep('transfer');
      await run.handle.cancel();
      await run.failure();
      expect(await run.runStatus()).toBe('CANCELLED');
    });
  });

  describe('that fails', () => {
    test('closes with the category, and with all that is known of it', async () => {
      const run = await bench.start({ transfer: () => Promise.reject(finalFailure()) });
      const failure = (await run.failure()) as ApplicationFailure;
      expect(failure).toBeInstanceOf(ApplicationFailure);
      expect(failure).toMatchObject({ type: 'recoverable_network', message: 'read ECONNRESET' });
      expect(failure.details?.[0]).toMatchObject({
        category: 'recoverable_network',
        rule: 'code.ECONNRESET',
        step: 'transfer',
        attempts: { network_error: 5 },
      });
      expect(await run.runStatus()).toBe('FAILED');
      const memo = await run.memo();
      expect(memo).toMatchObject({ status: 'failed', step: 'transfer', retryCount: 4 });
      expect(memo.lastError).toEqual(failure.details?.[0]);
    });

    test('for a reason that nobody understood is unknown', async () => {
      const run = await bench.start({
        verify: () => Promise.reject(ApplicationFailure.nonRetryable('odd', 'Odd')),
      });
      expect(await run.failure()).toMatchObject({ type: 'unknown', message: 'odd' });
    });

    test('because workflow code is wrong stays open until that is corrected', async () => {
      const run = await bench.start({ reserve: async () => null as never });
      // Its state cannot be asked for: a query would run into the same error and be tried again and again.
      const failedTask = async () =>
        (await run.events()).find((event) => event.workflowTaskFailedEventAttributes) ?? null;
      await expect.poll(failedTask, { timeout: 15_000 }).toMatchObject({
        workflowTaskFailedEventAttributes: { failure: { message: expect.stringContaining('destructure') } },
      });
      expect(await run.runStatus()).toBe('RUNNING');
      await run.handle.terminate();
    });
  });
});
