import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stepFactory } from '../../src/activities/define-step.ts';
import type { VideoDownloadSteps } from '../../src/activities/types.ts';
import { RekindleError } from '../../src/domain/error-codes.ts';
import { PAUSE_UPDATE, RESUME_UPDATE, type TaskState } from '../../src/domain/task-state.ts';
import { nativeConnectionOptions } from '../../src/engine/connect.ts';
import { loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { failureInterceptor } from '../../src/failures/activity-interceptor.ts';
import { classify } from '../../src/failures/classify.ts';
import { shortMessage } from '../../src/failures/short-message.ts';
import { startTask } from '../../src/tasks/start-task.ts';
import { QUICK_RETRIES } from '../support/downloads.ts';
import { suiteEngine } from '../support/engine.ts';
import { quietRuntime } from '../support/quiet-runtime.ts';
import { fakeSteps, Gate, INPUT, PUBLISHED, SOURCE, untilCancelled } from '../workflows/fake-steps.ts';

const engine = suiteEngine();
const plain = fakeSteps();
let steps = plain;
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;
let client: Client;

/** Fake steps, but everything between them and the workflow is real: interceptor, heartbeats, server. */
beforeAll(async () => {
  quietRuntime();
  const { connected } = engine();
  client = connected.client;
  connection = await NativeConnection.connect(nativeConnectionOptions(connected));
  const names = Object.keys(plain) as (keyof VideoDownloadSteps)[];
  worker = await Worker.create({
    connection,
    taskQueue: 'budgets',
    workflowBundle: await loadWorkflowBundle(),
    activities: Object.fromEntries(names.map((name) => [name, (input: never) => steps[name](input)])),
    interceptors: {
      activity: [
        failureInterceptor({ policy: QUICK_RETRIES.retry, classify, shortMessage, fingerprint: () => '' }),
      ],
    },
    maxHeartbeatThrottleInterval: 60_000,
    defaultHeartbeatThrottleInterval: 60_000,
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await connection.close();
});

let count = 0;
async function start(changes: Partial<VideoDownloadSteps>) {
  steps = fakeSteps(changes);
  count += 1;
  const taskId = `budgets-${count}`;
  await startTask(client, {
    taskId,
    taskType: 'video_download',
    workflowType: 'videoDownload',
    taskQueue: 'budgets',
    input: { task: INPUT },
    data: {},
    summary: 'download',
  });
  return client.workflow.getHandle(taskId);
}

const network = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const system = () => new RekindleError('DISK_FULL', 'no space left on device');

/** Throws these one after the other, once an attempt; then it succeeds. */
function throwing(errors: readonly (() => Error)[]) {
  let attempts = 0;
  const probe = async () => {
    const error = errors[attempts]?.();
    attempts += 1;
    if (error) throw error;
    return { value: SOURCE, retries: attempts - 1 };
  };
  return { probe, attempts: () => attempts };
}

describe('on a real server', () => {
  test('each kind of error spends its own budget over the attempts, however heartbeats are throttled', async () => {
    const { probe, attempts } = throwing([network, system, network, network, system, network, system]);
    const handle = await start({ probe });
    const error: unknown = await handle.result().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    const failure = (error as WorkflowFailedError).cause as ApplicationFailure;
    expect(failure).toMatchObject({ type: 'recoverable_system', message: 'no space left on device' });
    expect(failure.details?.[0]).toMatchObject({ attempts: { network_error: 4, system_error: 3 } });
    expect(attempts()).toBe(7);
  });

  test('a step that gets through before its budget is spent costs retries and nothing else', async () => {
    const handle = await start(throwing([network, network, network, network]));
    expect(await handle.result()).toMatchObject({ retries: 4 });
  });

  test('a step that makes progress may fail as often as it likes', async () => {
    const defineStep = stepFactory(async () => undefined);
    let bytes = 0;
    const probe = defineStep('probe', async (_input: unknown, step) => {
      bytes += 1;
      step.report(bytes / 12, bytes, { downloaded_bytes: bytes });
      if (bytes < 12) throw network();
      return SOURCE;
    });
    const handle = await start({ probe });
    expect(await handle.result()).toMatchObject({ retries: 11 });
  });
});

describe('a pause on a real server', () => {
  test('of a step that fails at that moment leaves a paused task', async () => {
    let transfers = 0;
    const begun = new Gate();
    const handle = await start({
      transfer: async (input) => {
        transfers += 1;
        if (transfers > 1) return plain.transfer(input);
        begun.open();
        await untilCancelled().catch(() => undefined);
        throw ApplicationFailure.create({ message: 'connection lost', type: 'network_error' });
      },
    });
    await begun.opened;
    expect(await handle.executeUpdate<TaskState, []>(PAUSE_UPDATE)).toMatchObject({
      status: 'paused',
      lastError: null,
    });
    await handle.executeUpdate(RESUME_UPDATE);
    await handle.result();
    expect(transfers).toBe(2);
  });

  test('at the very moment a step ends, many times over, loses nothing and does no step twice too many', async () => {
    for (let round = 0; round < 10; round += 1) {
      const begun = new Gate();
      const gate = new Gate();
      let publishes = 0;
      const handle = await start({
        verify: async () => {
          begun.open();
          await gate.opened;
          return { value: { sha256: null }, retries: 0 };
        },
        publish: async () => {
          publishes += 1;
          return { value: PUBLISHED, retries: 0 };
        },
      });
      await begun.opened;
      const pausing = handle.executeUpdate<TaskState, []>(PAUSE_UPDATE);
      gate.open();
      const { status } = await pausing;
      expect(status).toMatch(/paused|completed/);
      if (status === 'paused') await handle.executeUpdate(RESUME_UPDATE);
      await handle.result();
      expect(publishes).toBeLessThanOrEqual(2);
    }
  });
});

test('a cancellation of a step that fails at that moment leaves a cancelled task', async () => {
  const begun = new Gate();
  const handle = await start({
    transfer: async () => {
      begun.open();
      await untilCancelled().catch(() => undefined);
      throw ApplicationFailure.create({ message: 'connection lost', type: 'network_error' });
    },
  });
  await begun.opened;
  await handle.cancel();
  await handle.result().catch(() => undefined);
  const { status, memo } = await handle.describe();
  expect(status.name).toBe('CANCELLED');
  expect(memo).toMatchObject({ status: 'failed', lastError: { errorType: 'Cancelled' } });
});
