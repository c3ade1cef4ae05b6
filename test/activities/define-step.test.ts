import { ApplicationFailure } from '@temporalio/common';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type StepContext, stepFactory } from '../../src/activities/define-step.ts';
import { createActivities } from '../../src/activities/index.ts';
import type { LoginDeps } from '../../src/activities/login/index.ts';
import { FIRST_HEARTBEAT } from '../../src/domain/step.ts';
import type { StepProgress } from '../../src/domain/task-state.ts';
import { attempt } from '../failures/activity-attempt.ts';

afterEach(() => void vi.useRealTimers());

/** An attempt of a step that does `work`, and what it told its workflow. */
function attemptOf<T>(
  work: (input: string, step: StepContext) => Promise<T>,
  info: Parameters<typeof attempt>[0] = {},
  deliver: () => Promise<void> = async () => undefined,
) {
  const told: [taskId: string, progress: StepProgress][] = [];
  const step = stepFactory(async (taskId, _runId, progress) => {
    told.push([taskId, progress]);
    await deliver();
  })('transfer', work);
  const made = attempt(info);
  return { ...made, told, run: () => made.run(() => step('input')) };
}

describe('a step', () => {
  test('gets its input and task, and gives its value with the retries it took', async () => {
    const { run } = attemptOf(async (input, step) => {
      step.countRetries(2);
      step.countRetries(1);
      return `${input} of ${step.taskId}`;
    });
    expect(await run()).toEqual({ value: 'input of test', retries: 3 });
  });

  test('counts the attempts that failed before it', async () => {
    const heartbeatDetails = { ...FIRST_HEARTBEAT, failures: 4 };
    const { run } = attemptOf(async () => 'done', { attempt: 5, heartbeatDetails });
    expect(await run()).toEqual({ value: 'done', retries: 4 });
  });

  test('sees what the attempt before it reported', async () => {
    const heartbeatDetails = { ...FIRST_HEARTBEAT, data: { downloaded_bytes: 7 } };
    const { run } = attemptOf(async (_input, { previous }) => previous, { attempt: 2, heartbeatDetails });
    expect(await run()).toMatchObject({ value: { downloaded_bytes: 7 } });
  });

  test('tells the server how far it is with every report', async () => {
    const { run, beats, told } = attemptOf(async (_input, step) => {
      step.report(0.5, 500, { downloaded_bytes: 500 });
    });
    await run();
    expect(beats).toMatchObject([{ fraction: 0.5, progress: 500, data: { downloaded_bytes: 500 } }]);
    expect(told).toEqual([]); // Its end says it better.
  });

  test('that says nothing is reported alive every second, and not after its end', async () => {
    vi.useFakeTimers();
    const { run, beats } = attemptOf(async () => {
      await vi.advanceTimersByTimeAsync(3500);
    });
    await run();
    await vi.advanceTimersByTimeAsync(5000);
    expect(beats).toHaveLength(3);
  });
});

describe('a step that ends before it is done', () => {
  const halfWay = async (_input: string, step: StepContext) => {
    step.report(0.5, 500, { downloaded_bytes: 500 });
    throw new Error('no more');
  };

  test('tells its workflow how far it came, for the checkpoint', async () => {
    const { run, told } = attemptOf(halfWay);
    expect(await run()).toBeInstanceOf(ApplicationFailure);
    expect(told).toEqual([['test', { step: 'transfer', fraction: 0.5, data: { downloaded_bytes: 500 } }]]);
  });

  test('fails with its own error also when that cannot be told', async () => {
    const { run } = attemptOf(halfWay, {}, () => Promise.reject(new Error('the server does not answer')));
    expect(await run()).toMatchObject({ message: 'no more' });
  });

  test('with nothing to tell tells nothing', async () => {
    const { run, told } = attemptOf(() => Promise.reject(new Error('no more')));
    await run();
    expect(told).toEqual([]);
  });
});

test('a worker has every step that a workflow may ask for', () => {
  const http = { stallTimeoutMs: 1, connectTimeoutMs: 1, maxRedirects: 1 };
  const activities = createActivities({
    http,
    connections: 1,
    sendProgress: async () => undefined,
    login: {} as LoginDeps,
  });
  expect(Object.keys(activities).sort()).toEqual([
    'discard',
    'loginAnswer',
    'loginAsk',
    'loginOpen',
    'loginSave',
    'loginSubmit',
    'loginVerify',
    'probe',
    'publish',
    'recall',
    'reserve',
    'transfer',
    'verify',
  ]);
});
