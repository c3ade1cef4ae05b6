import { CompleteAsyncError, Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { RekindleError } from '../../src/domain/error-codes.ts';
import { type FailureInfo, KnownFailure } from '../../src/domain/failure.ts';
import { StepWaits } from '../../src/domain/step.ts';
import { AttemptLedger } from '../../src/failures/attempt-ledger.ts';
import { MAX_LOST_ATTEMPTS } from '../../src/failures/to-failure.ts';
import { type Attempt, attempt, attemptAfter } from './activity-attempt.ts';

const networkError = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const diskFull = () => new RekindleError('DISK_FULL', 'no space left on device');
const throwing = (error: unknown) => async () => {
  throw error;
};
const infoOf = (failure: unknown) => (failure as ApplicationFailure).details?.[0] as FailureInfo;

/** Attempts that throw these errors one after the other, until one is final. */
async function attemptsThrowing(errors: readonly unknown[]): Promise<ApplicationFailure[]> {
  const failures: ApplicationFailure[] = [];
  let current: Attempt | undefined;
  for (const error of errors) {
    current = current ? attemptAfter(current) : attempt();
    failures.push((await current.run(throwing(error))) as ApplicationFailure);
  }
  return failures;
}

describe('an error in an activity', () => {
  test('becomes one failure: its kind, its short message, and what was understood', async () => {
    const failure = await attempt().run(throwing(networkError()));
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'network_error', message: 'read ECONNRESET', nonRetryable: false });
    expect(infoOf(failure)).toMatchObject({
      category: 'recoverable_network',
      retryType: 'network_error',
      errorType: 'Error',
      step: null,
      attempts: { network_error: 1 },
    });
  });

  test('that is ours is told by its code, with its hint', async () => {
    const failure = await attempt().run(
      throwing(new RekindleError('TARGET_EXISTS', 'x.mp4 is there', { hint: 'Use --force.' })),
    );
    expect(failure).toMatchObject({ type: 'unrecoverable_business', nonRetryable: true });
    expect(infoOf(failure)).toMatchObject({ errorType: 'TARGET_EXISTS', hint: 'Use --force.' });
  });

  test('is given the documented delays of its kind, then it is final', async () => {
    const failures = await attemptsThrowing(Array.from({ length: 5 }, networkError));
    expect(failures.map((failure) => failure.nextRetryDelay)).toEqual([1000, 2000, 4000, 8000, undefined]);
    expect(failures.map((failure) => failure.nonRetryable)).toEqual([false, false, false, false, true]);
    expect(infoOf(failures.at(-1)).attempts).toEqual({ network_error: 5 });
  });

  test('spends the budget of its own kind only', async () => {
    const failures = await attemptsThrowing([
      networkError(),
      networkError(),
      diskFull(),
      networkError(),
      diskFull(),
      networkError(),
      diskFull(),
    ]);
    expect(failures.map((failure) => failure.nextRetryDelay)).toEqual([
      1000,
      2000,
      10_000,
      4000,
      20_000,
      8000,
      undefined,
    ]);
    expect(infoOf(failures.at(-1))).toMatchObject({
      category: 'recoverable_system',
      attempts: { network_error: 4, system_error: 3 },
    });
  });

  test('waits as long as the server says', async () => {
    const busy = Object.assign(new Error('429 Too Many Requests'), {
      status: 429,
      headers: { 'retry-after': '7' },
    });
    const failure = await attempt().run(throwing(busy));
    expect(failure).toMatchObject({ type: 'rate_limit_error', nextRetryDelay: 7000 });
  });

  test('that no attempt can cure is final at once', async () => {
    const failure = await attempt().run(throwing(new RekindleError('CHECKSUM_MISMATCH', 'not the same')));
    expect(failure).toMatchObject({ type: 'unrecoverable_data', nonRetryable: true });
    expect(infoOf(failure).attempts).toEqual({});
  });

  test('is final when the next attempt would come after the deadline of the step', async () => {
    const scheduledTimestampMs = Date.now();
    const withinDeadline = { scheduledTimestampMs, scheduleToCloseTimeoutMs: 60_000 };
    const beyondDeadline = { scheduledTimestampMs, scheduleToCloseTimeoutMs: 500 };
    expect(await attempt(withinDeadline).run(throwing(networkError()))).toMatchObject({
      nextRetryDelay: 1000,
    });
    expect(await attempt(beyondDeadline).run(throwing(networkError()))).toMatchObject({ nonRetryable: true });
  });

  test('that is no Error is understood as far as it goes', async () => {
    const failure = await attempt().run(throwing('connection refused'));
    expect(failure).toMatchObject({ type: 'network_error' });
    expect(infoOf(failure).errorType).toBe('string');
  });

  test('never shows a secret of its message', async () => {
    const failure = (await attempt().run(
      throwing(new Error('GET https://user:hunter2@example.com/x failed: connection timeout')),
    )) as ApplicationFailure;
    expect(JSON.stringify([failure.message, failure.details])).not.toContain('hunter2');
  });
});

describe('progress', () => {
  const failAfter = (progress: number) => async () => {
    AttemptLedger.of(Context.current()).report({ fraction: 0.5, progress, data: {} });
    throw networkError();
  };

  test('renews every budget', async () => {
    const first = attempt();
    await first.run(throwing(diskFull()));
    const second = attemptAfter(first);
    await second.run(throwing(networkError()));
    const third = attemptAfter(second);
    const failure = await third.run(failAfter(1000));
    expect(infoOf(failure).attempts).toEqual({ network_error: 1 });
  });

  test('that was counted already renews nothing', async () => {
    const first = attempt();
    await first.run(failAfter(1000));
    const second = attemptAfter(first);
    expect(infoOf(await second.run(failAfter(1000))).attempts).toEqual({ network_error: 2 });
    const third = attemptAfter(second);
    expect(infoOf(await third.run(failAfter(1001))).attempts).toEqual({ network_error: 1 });
  });
});

describe('what is no error passes', () => {
  test('a result', async () => {
    const { run, beats } = attempt();
    expect(await run(async () => 'done')).toBe('done');
    expect(beats).toEqual([]);
  });

  test('an activity that is completed elsewhere', async () => {
    const { run, beats } = attempt();
    expect(await run(throwing(new CompleteAsyncError()))).toBeInstanceOf(CompleteAsyncError);
    expect(beats).toEqual([]);
  });

  test('a cancellation, whatever the activity threw because of it, and it spends nothing', async () => {
    const { run, env, beats } = attempt();
    const failure = await run(async () => {
      env.cancel();
      throw networkError();
    });
    expect(failure).toBeInstanceOf(CancelledFailure);
    expect(beats).toEqual([]);
  });

  test('a CancelledFailure that the activity throws itself', async () => {
    const { run, beats } = attempt();
    const cancelled = new CancelledFailure('given up');
    expect(await run(throwing(cancelled))).toBe(cancelled);
    expect(beats).toEqual([]);
  });
});

test('a worker that stops gives the step back at once and spends nothing', async () => {
  const { run, env, beats } = attempt();
  const failure = await run(async () => {
    env.cancel('WORKER_SHUTDOWN');
    await Context.current().cancelled;
  });
  expect(failure).toMatchObject({ type: 'worker_stopping', nonRetryable: false, nextRetryDelay: 1 });
  expect(beats).toEqual([]);
});

describe('a step that keeps losing its worker', () => {
  test('goes on while it has not lost too many', async () => {
    const { run } = attempt({ attempt: MAX_LOST_ATTEMPTS + 1 });
    expect(await run(async () => 'done')).toBe('done');
  });

  test('is ended with WORKER_LOST', async () => {
    let ran = false;
    const failure = await attempt({ attempt: MAX_LOST_ATTEMPTS + 2 }).run(async () => {
      ran = true;
    });
    expect(ran).toBe(false);
    expect(failure).toMatchObject({ nonRetryable: true, type: 'system_error' });
    expect(infoOf(failure)).toMatchObject({ errorType: 'WORKER_LOST', category: 'recoverable_system' });
  });

  test('is not mixed up with one that fails often for reasons of its own', async () => {
    const heartbeatDetails = {
      fraction: 0,
      progress: 5,
      progressAtFailure: 4,
      failures: MAX_LOST_ATTEMPTS,
      budget: {},
      data: {},
    };
    const { run } = attempt({ attempt: MAX_LOST_ATTEMPTS + 2, heartbeatDetails });
    expect(await run(async () => 'done')).toBe('done');
  });
});

describe('a step that waits for something outside', () => {
  const waits = (limitMs: number) =>
    new StepWaits('waiting for the session a/b', {
      delayMs: 1234,
      limitMs,
      cause: new RekindleError('SESSION_UNAVAILABLE', 'nobody logged in'),
    });

  test('is tried again after its delay as often as it takes, and spends nothing', async () => {
    let current = attempt();
    for (let i = 0; i < MAX_LOST_ATTEMPTS + 20; i += 1) {
      const failure = await current.run(throwing(waits(60_000)));
      expect(failure).toMatchObject({ type: 'waiting', nextRetryDelay: 1234, nonRetryable: false });
      current = attemptAfter(current);
    }
    expect(AttemptLedger.of(current.context).beat).toMatchObject({ failures: 0, budget: {} });
    expect(await current.run(async () => 'done')).toBe('done');
  });

  test('fails with its own reason when it has waited for too long', async () => {
    const failure = (await attempt().run(throwing(waits(0)))) as ApplicationFailure;
    expect(failure.nonRetryable).toBe(true);
    expect(infoOf(failure)).toMatchObject({ errorType: 'SESSION_UNAVAILABLE' });
  });
});

test('what a step relies on fails it with its own failure, which is final', async () => {
  const login = (await attempt().run(throwing(networkError()))) as ApplicationFailure;
  const failure = (await attempt().run(
    throwing(new KnownFailure({ ...infoOf(login), step: 'open' })),
  )) as ApplicationFailure;
  expect(failure).toMatchObject({ nonRetryable: true, message: 'read ECONNRESET' });
  expect(infoOf(failure)).toEqual({ ...infoOf(login), step: null });
});
