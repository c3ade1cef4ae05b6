import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { RekindleClient } from '../../src/client/rekindle-client.ts';
import type { StepHeartbeat } from '../../src/domain/step.ts';
import { PAUSE_UPDATE, type TaskState } from '../../src/domain/task-state.ts';
import { silentLogger } from '../../src/logger.ts';
import { journalDir } from '../../src/supervisor/journal-dir.ts';
import { takeOver } from '../../src/supervisor/take-over.ts';
import { startWorker } from '../../src/worker.ts';
import { startChild } from '../support/child.ts';
import { MIB, QUICK_RETRIES, sentOnce, sha256Of } from '../support/downloads.ts';
import { suiteEngine } from '../support/engine.ts';
import { contentSha256, MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { untilStep } from './pending-step.ts';

const engine = suiteEngine({ config: QUICK_RETRIES });
const SIZE = 4 * MIB;
const SLOW = { size: SIZE, bytesPerSecond: MIB / 2 };
/** From the kill to the step's next attempt. The heartbeat timeout alone is 10 s. */
const GOES_ON_WITHIN_MS = 2000;

let server: MisbehavingServer;
beforeAll(async () => {
  server = await MisbehavingServer.start();
});
afterAll(() => server.close());

const client = () => engine().connected.client;
const journals = () => readdirSync(journalDir(engine().config));

/** A worker in a process of its own; killed when the test ends. */
async function workerProcess() {
  const child = startChild(new URL('./worker-child.ts', import.meta.url), [JSON.stringify(engine().config)]);
  await child.next();
  return child;
}

/** A worker in this process; stopped when the test ends. */
async function workerHere() {
  const worker = await startWorker(engine().config, engine().connected, 'service', silentLogger);
  onTestFinished(() => worker.stop().catch(() => undefined));
  return worker;
}

let count = 0;
/** A download of which something has arrived. */
async function underWay(behaviour: Parameters<MisbehavingServer['serve']>[1] = SLOW) {
  count += 1;
  const path = `/${count}.mp4`;
  const rekindle = new RekindleClient(client(), engine().config);
  const url = server.serve(path, behaviour);
  const task = await rekindle.download({ url, to: tempDir(), connections: 1 });
  const step = await untilStep(client(), task.taskId, ({ beat }) => (beat?.progress ?? 0) > 0);
  return { path, task, step };
}

const isAhead = (beat: StepHeartbeat | undefined, before: StepHeartbeat | undefined) =>
  (beat?.progress ?? 0) > (before?.progress ?? 0);

/** Lets the rest come fast. */
const hurry = (path: string) => server.serve(path, { size: SIZE });

describe('a worker that was killed with -9', () => {
  test('inside a step is followed by another one, which goes on at once and burns no budget', async () => {
    const child = await workerProcess();
    const refusal = { status: 503, times: 1 };
    const { path, task, step } = await underWay({
      ...SLOW,
      change: { afterRequests: 1, to: { ...SLOW, refuse: refusal } },
    });
    expect(step).toMatchObject({ name: 'transfer', attempt: 2, beat: { budget: { temporary_error: 1 } } });

    await child.kill();
    const killedAtMs = Date.now();
    const { takenOver } = await workerHere();
    expect(takenOver).toMatchObject({ deadWorkers: 1, activities: 1 });
    expect(takenOver.inFlight).toMatchObject([{ attempt: 2, carriedOnMs: expect.any(Number) }]);
    expect((takenOver.inFlight[0]?.carriedOnMs ?? Infinity) - killedAtMs).toBeLessThan(GOES_ON_WITHIN_MS);
    // The same attempt: for Temporal nothing has happened.
    const next = await untilStep(client(), task.taskId, ({ beat }) => isAhead(beat, step.beat));
    expect(next).toMatchObject({ attempt: 2, startedAtMs: step.startedAtMs });
    expect(next.beat).toMatchObject({ failures: 1, budget: { temporary_error: 1 } });

    hurry(path);
    const result = await task.wait();
    expect(result).toMatchObject({ bytes: SIZE, resumed: true, retries: expect.any(Number) });
    expect(sentOnce(server.bytesSent(path), SIZE)).toBe(true);
    expect(sha256Of(result.path)).toBe(contentSha256(1, SIZE));
  });

  test('longer ago is followed by another one, which does the step again and burns no budget', async () => {
    const child = await workerProcess();
    const { path, task, step } = await underWay();
    await child.kill();
    const dir = journalDir(engine().config);
    expect(await takeOver(dir, client(), silentLogger)).toMatchObject({ deadWorkers: 1, activities: 1 });
    await workerHere();
    const next = await untilStep(client(), task.taskId, ({ attempt, started }) => attempt === 2 && started);
    expect(next.beat).toMatchObject({ failures: 0, budget: {} });
    expect(next.beat?.progress).toBeGreaterThanOrEqual(step.beat?.progress ?? 0);
    hurry(path);
    expect(await task.wait()).toMatchObject({ bytes: SIZE, resumed: true });
    expect(sentOnce(server.bytesSent(path), SIZE)).toBe(true);
  });

  test('again and again leaves the step to the next one each time, which counts the losses', async () => {
    const first = await workerProcess();
    const { path, task, step } = await underWay();
    await first.kill();
    const second = await workerProcess();
    await second.kill();
    const { takenOver } = await workerHere();
    expect(takenOver.inFlight).toMatchObject([{ attempt: 1, carriedOnMs: expect.any(Number) }]);
    const next = await untilStep(client(), task.taskId, ({ beat }) => isAhead(beat, step.beat));
    expect(next).toMatchObject({ attempt: 1, beat: { carriedOn: 2, forgivenLosses: 2 } });
    hurry(path);
    const result = await task.wait();
    expect(result).toMatchObject({ bytes: SIZE, resumed: true, retries: 0 });
    expect(sha256Of(result.path)).toBe(contentSha256(1, SIZE));
  });

  test('is carried on by one that stops, which gives the step back with all bytes', async () => {
    const child = await workerProcess();
    const { path, task, step } = await underWay();
    await child.kill();
    const carrying = await workerHere();
    await untilStep(client(), task.taskId, ({ beat }) => isAhead(beat, step.beat));
    await carrying.stop();
    expect(journals()).toEqual([]);
    hurry(path);
    await workerHere();
    expect(await task.wait()).toMatchObject({ bytes: SIZE, resumed: true, retries: 0 });
    expect(sentOnce(server.bytesSent(path), SIZE)).toBe(true);
  });

  test('and whose step has timed out meanwhile is not carried on beside the one that does it', async () => {
    const child = await workerProcess();
    const { path, task, step } = await underWay();
    const dir = journalDir(engine().config);
    const [journal = ''] = journals();
    const copy = join(tempDir('copy'), journal);
    await child.kill();
    copyFileSync(join(dir, journal), copy);
    await takeOver(dir, client(), silentLogger);
    copyFileSync(copy, join(dir, journal));
    const { takenOver } = await workerHere();
    expect(takenOver.inFlight).toMatchObject([{ carriedOnMs: expect.any(Number) }]);
    await untilStep(client(), task.taskId, ({ attempt, beat }) => attempt === 2 && isAhead(beat, step.beat));
    hurry(path);
    const result = await task.wait();
    expect(result).toMatchObject({ bytes: SIZE });
    expect(sha256Of(result.path)).toBe(contentSha256(1, SIZE));
  });

  test('while its task is being paused leaves a paused task', async () => {
    const child = await workerProcess();
    const { path, task } = await underWay();
    await child.kill();
    const pausing = task.handle().executeUpdate<TaskState, []>(PAUSE_UPDATE);
    await workerHere();
    expect(await pausing).toMatchObject({ status: 'paused', lastError: null });
    hurry(path);
    await task.resume();
    expect(await task.wait()).toMatchObject({ bytes: SIZE, resumed: true });
  });

  test('after it was asked to pause, but before it heard of it, leaves a paused task', async () => {
    const child = await workerProcess();
    const { path, task } = await underWay();
    await task.handle().startUpdate(PAUSE_UPDATE, { waitForStage: 'ACCEPTED' });
    await child.kill();
    await workerHere();
    expect(await task.pause()).toMatchObject({ status: 'paused', lastError: null });
    hurry(path);
    await task.resume();
    expect(await task.wait()).toMatchObject({ bytes: SIZE });
  });

  test('while its task is being cancelled leaves a cancelled task', async () => {
    const child = await workerProcess();
    const { task } = await underWay();
    await task.handle().cancel();
    await child.kill();
    await workerHere();
    expect(await task.cancel().catch(async () => (await task.show()).view)).toMatchObject({
      run_status: 'CANCELLED',
      last_error: { errorType: 'Cancelled' },
    });
  });

  test('is taken over once by two that try at the same time', async () => {
    const child = await workerProcess();
    const tasks = await Promise.all([underWay(), underWay(), underWay()]);
    await child.kill();
    const dir = journalDir(engine().config);
    const both = await Promise.all([
      takeOver(dir, client(), silentLogger),
      takeOver(dir, client(), silentLogger),
    ]);
    expect(both.reduce((sum, { activities }) => sum + activities, 0)).toBe(3);
    expect(journals()).toEqual([]);
    for (const { task, step } of tasks) {
      const next = await untilStep(client(), task.taskId, ({ attempt }) => attempt > step.attempt);
      expect(next.attempt).toBe(step.attempt + 1);
    }
    for (const { path } of tasks) hurry(path);
    await workerHere();
    await Promise.all(tasks.map(({ task }) => task.wait()));
  });

  test('and whose journal is read late costs the attempts that followed nothing', async () => {
    const child = await workerProcess();
    const { task, step } = await underWay();
    const dir = journalDir(engine().config);
    const [journal = ''] = journals();
    const late = join(tempDir('late'), journal);
    await child.kill();
    copyFileSync(join(dir, journal), late);
    await takeOver(dir, client(), silentLogger);
    await workerHere();
    await untilStep(client(), task.taskId, ({ attempt, started }) => attempt === step.attempt + 1 && started);

    copyFileSync(late, join(dir, journal));
    expect(await takeOver(dir, client(), silentLogger)).toMatchObject({ deadWorkers: 1, activities: 0 });
    const after = await untilStep(client(), task.taskId, ({ started }) => started);
    expect(after.attempt).toBe(step.attempt + 1);
    await task.cancel();
  });
});

test('the journal of a worker that lives is left alone, and so are its steps', async () => {
  await workerHere();
  const { task, step } = await underWay();
  const dir = journalDir(engine().config);
  const before = journals();
  expect(before).toHaveLength(1);
  expect(await takeOver(dir, client(), silentLogger)).toEqual({
    deadWorkers: 0,
    activities: 0,
    workflows: 0,
    inFlight: [],
  });
  expect(journals()).toEqual(before);
  expect(await untilStep(client(), task.taskId, () => true)).toMatchObject({ attempt: step.attempt });
  await task.cancel();
});

test('a worker that stops gives its step to the next one, with all bytes, and spends no budget', async () => {
  const first = await workerHere();
  const { path, task, step } = await underWay();
  await first.stop();
  expect(journals()).toEqual([]);
  const { beat } = await untilStep(client(), task.taskId, ({ attempt }) => attempt === step.attempt + 1);
  expect(beat).toMatchObject({ failures: 0, budget: {} });
  const stopped = server.bytesSent(path);

  const second = await workerHere();
  expect(second.takenOver.deadWorkers).toBe(0);
  hurry(path);
  const result = await task.wait();
  expect(result).toMatchObject({ bytes: SIZE, resumed: true, retries: 0 });
  expect(stopped).toBeGreaterThan(0);
  expect(sentOnce(server.bytesSent(path), SIZE)).toBe(true);
  expect(sha256Of(result.path)).toBe(contentSha256(1, SIZE));
});

test('a worker that cannot be started leaves no journal behind', async () => {
  const { config, connected } = engine();
  const nowhere = { ...config, namespace: 'nowhere' };
  await expect(startWorker(nowhere, connected, 'service', silentLogger)).rejects.toThrow();
  expect(journals()).toEqual([]);
});
