import { Context } from '@temporalio/activity';
import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  type Client,
} from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { describe, expect, test, vi } from 'vitest';
import { carriedOn } from '../../src/failures/attempt-ledger.ts';
import { silentLogger } from '../../src/logger.ts';
import { CarriedAttempts } from '../../src/supervisor/carried-attempts.ts';
import type { ActivityInFlight } from '../../src/supervisor/in-flight-journal.ts';
import { temporalLogger } from '../../src/temporal-logger.ts';

const NOW = 1_700_000_000_000;
const attempt: ActivityInFlight = {
  workflowId: 'task',
  runId: 'run',
  activityId: '3',
  attempt: 2,
  taskToken: Buffer.from('token').toString('base64'),
  work: {
    args: [{ url: 'http://files/1' }],
    info: { activityType: 'transfer', attempt: 2, activityId: '3' },
    aliveAtMs: NOW,
  },
};

/** Temporal's answers, which are this test's edge. */
function temporal(answers: Partial<Record<'heartbeat' | 'complete', () => Promise<void>>> = {}) {
  const answered = async (): Promise<void> => undefined;
  const activity = {
    heartbeat: vi.fn(answers.heartbeat ?? answered),
    complete: vi.fn(answers.complete ?? answered),
    fail: vi.fn(answered),
    reportCancellation: vi.fn(answered),
  };
  const client = { activity, options: { namespace: 'default' } } as unknown as Client;
  return { activity, client };
}

function carrying(client: Client, transfer: (input: unknown) => Promise<unknown>) {
  return new CarriedAttempts({
    client,
    activities: { transfer: (input) => transfer(input) },
    interceptors: [],
    carriedOn,
    heartbeatEveryMs: 10,
    log: silentLogger,
    temporalLog: temporalLogger(silentLogger),
  });
}

/** Works until it is told to end, as steps do. */
async function untilCancelled(): Promise<never> {
  return await Context.current().cancelled;
}

test('an attempt is carried on with what it knew, and ends in its own name', async () => {
  const { activity, client } = temporal();
  const seen: unknown[] = [];
  const carried = carrying(client, async (input) => {
    const { info } = Context.current();
    seen.push(input, info.attempt, info.heartbeatDetails, info.base64TaskToken);
    return 'done';
  });
  expect(carried.begin(attempt, NOW)).toBe(true);
  expect(carried.count).toBe(1);
  await expect.poll(() => carried.count).toBe(0);
  expect(seen).toEqual([
    { url: 'http://files/1' },
    2,
    expect.objectContaining({ carriedOn: 1 }),
    attempt.taskToken,
  ]);
  const [token, result] = activity.complete.mock.calls[0] as unknown[];
  expect([String(token), result]).toEqual(['token', 'done']);
});

describe('an attempt is left to Temporal', () => {
  const work = attempt.work as NonNullable<ActivityInFlight['work']>;
  const { work: _, ...noWork } = attempt;
  test.each([
    { why: 'of which too little is known', activity: noWork },
    {
      why: 'that may have timed out',
      activity: { ...attempt, work: { ...work, aliveAtMs: NOW - 6001 } },
    },
    {
      why: 'from the future, since the clock was set back',
      activity: { ...attempt, work: { ...work, aliveAtMs: NOW + 1 } },
    },
    {
      why: 'of an activity that this version does not have',
      activity: { ...attempt, work: { ...work, info: { activityType: 'gone' } } },
    },
  ])('$why', ({ activity }) => {
    expect(carrying(temporal().client, async () => null).begin(activity, NOW)).toBe(false);
  });
});

test('its latest heartbeat goes to Temporal again and again', async () => {
  const { activity, client } = temporal();
  const carried = carrying(client, async () => {
    Context.current().heartbeat({ bytes: 1 });
    Context.current().heartbeat({ bytes: 2 });
    return await untilCancelled();
  });
  carried.begin(attempt, NOW);
  await expect.poll(() => activity.heartbeat.mock.calls.length).toBeGreaterThan(3);
  expect(activity.heartbeat).toHaveBeenLastCalledWith(
    expect.anything(),
    { bytes: 2 },
    expect.objectContaining({ serializationContext: expect.objectContaining({ workflowId: 'task' }) }),
  );
  await carried.stop(1000);
});

describe('what Temporal answers to a heartbeat ends it:', () => {
  test('a cancellation is reported as one', async () => {
    const { activity, client } = temporal({ heartbeat: () => Promise.reject(new ActivityCancelledError()) });
    const carried = carrying(client, untilCancelled);
    carried.begin(attempt, NOW);
    await expect.poll(() => carried.count).toBe(0);
    expect(activity.reportCancellation).toHaveBeenCalledOnce();
  });

  test('an activity that somebody paused is given back as a failure', async () => {
    const { activity, client } = temporal({ heartbeat: () => Promise.reject(new ActivityPausedError()) });
    const carried = carrying(client, untilCancelled);
    carried.begin(attempt, NOW);
    await expect.poll(() => carried.count).toBe(0);
    expect(activity.fail).toHaveBeenCalledWith(
      expect.anything(),
      expect.objectContaining({ type: 'PAUSED' }),
      expect.anything(),
    );
  });

  test('one that is no longer open is dropped', async () => {
    const gone = () => Promise.reject(new ActivityNotFoundError('gone'));
    const { activity, client } = temporal({ heartbeat: gone });
    activity.fail.mockImplementation(gone);
    const carried = carrying(client, untilCancelled);
    carried.begin(attempt, NOW);
    await expect.poll(() => carried.count).toBe(0);
    expect(activity.complete).not.toHaveBeenCalled();
  });

  test('an engine that is away ends nothing, and hears of the result when it is back', async () => {
    const away = vi.fn<() => Promise<void>>(() => Promise.reject(new Error('UNAVAILABLE')));
    const { activity, client } = temporal({ heartbeat: away, complete: away });
    const finished = Promise.withResolvers<string>();
    const carried = carrying(client, () => finished.promise);
    carried.begin(attempt, NOW);
    await expect.poll(() => activity.heartbeat.mock.calls.length).toBeGreaterThan(2);
    finished.resolve('done');
    await expect.poll(() => activity.complete.mock.calls.length).toBeGreaterThan(1);
    expect(carried.count).toBe(1);
    away.mockResolvedValue(undefined);
    await expect.poll(() => carried.count).toBe(0);
    expect(activity.complete).toHaveBeenLastCalledWith(expect.anything(), 'done', expect.anything());
  });
});

test('a worker that stops waits for what saves its state, but not for ever', async () => {
  const reasons: unknown[] = [];
  const { client } = temporal();
  const quick = carrying(client, async () => {
    await untilCancelled().catch((reason: CancelledFailure) => reasons.push(reason.message));
    throw new CancelledFailure('WORKER_SHUTDOWN');
  });
  quick.begin(attempt, NOW);
  await quick.stop(60_000);
  expect(reasons).toEqual(['WORKER_SHUTDOWN']);

  const deaf = carrying(client, () => new Promise(() => undefined));
  deaf.begin(attempt, NOW);
  await deaf.stop(50);
  expect(deaf.count).toBe(1);
});
