import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { nativeConnectionOptions } from '../../src/engine/connect.ts';
import { silentLogger } from '../../src/logger.ts';
import { startTask } from '../../src/tasks/start-task.ts';
import { type FailureWatch, watchFailures } from '../../src/tasks/watch-failures.ts';
import { suiteEngine } from '../support/engine.ts';
import { FAILING_QUEUE, failingBundle, says, startFailing } from '../support/failing-tasks/index.ts';
import { quietRuntime } from '../support/quiet-runtime.ts';

/** Watches until the test ends. @returns how often it was told of failures. */
function watching(client: Client, intervalMs = 50, more: Partial<FailureWatch> = {}) {
  const told = { times: 0 };
  const ending = new AbortController();
  const onFailures = () => {
    told.times += 1;
  };
  const { signal } = ending;
  const ended = watchFailures(client, { signal, log: silentLogger, onFailures, intervalMs, ...more });
  const stop = async (): Promise<void> => {
    ending.abort();
    await ended;
  };
  onTestFinished(stop);
  return { told, stop };
}

describe('watching a real engine', () => {
  const suite = suiteEngine();
  const client = () => suite().connected.client;
  let worker: Worker;
  let running: Promise<void>;
  let connection: NativeConnection;
  beforeAll(async () => {
    quietRuntime();
    connection = await NativeConnection.connect(nativeConnectionOptions(suite().connected));
    worker = await Worker.create({
      connection,
      taskQueue: FAILING_QUEUE,
      workflowBundle: await failingBundle(),
    });
    running = worker.run();
  });
  afterAll(async () => {
    worker?.shutdown();
    await running;
    await connection?.close();
  });

  /** What it is told of while `work` is done, in a watch of its own that knows what was there. */
  async function toldOf(work: () => Promise<unknown>, times: number): Promise<void> {
    const { told, stop } = watching(client());
    await quiet(told);
    const before = told.times;
    const start = performance.now();
    await work();
    await expect.poll(() => told.times - before, { timeout: 5000 }).toBeGreaterThanOrEqual(times);
    expect(performance.now() - start).toBeLessThan(5000);
    await stop();
  }

  /** Until it is told nothing new over some looks. */
  async function quiet(told: { times: number }): Promise<void> {
    let last = -1;
    await expect
      .poll(
        () => {
          const same = told.times === last;
          last = told.times;
          return same;
        },
        { interval: 400, timeout: 10_000 },
      )
      .toBe(true);
  }

  test('tells of a task that fails, within seconds', async () => {
    await toldOf(() => startFailing(client(), randomUUID(), says('recoverable_network')), 1);
  });

  test('tells of a task that is terminated, and of one that runs out of time', async () => {
    const terminated = randomUUID();
    await startFailing(client(), terminated, { kind: 'waits' });
    await toldOf(() => client().workflow.getHandle(terminated).terminate('for a test'), 1);
    await toldOf(
      () =>
        client().workflow.start('nobody-has-it', {
          workflowId: randomUUID(),
          taskQueue: 'nobody-works-here',
          workflowRunTimeout: 1000,
          typedSearchAttributes: new TypedSearchAttributes([
            { key: { name: 'TaskType', type: 'KEYWORD' }, value: 'failing' },
          ]),
        }),
      1,
    );
  });

  test('says nothing of what completes, is cancelled, or is no task', async () => {
    const { told } = watching(client());
    await quiet(told);
    const before = told.times;
    const completes = randomUUID();
    await startFailing(client(), completes, { kind: 'completes' });
    await client().workflow.getHandle(completes).result();
    const cancelled = randomUUID();
    await startFailing(client(), cancelled, { kind: 'waits' });
    await client().workflow.getHandle(cancelled).cancel();
    await expect(client().workflow.getHandle(cancelled).result()).rejects.toThrow();
    const other = { workflowId: randomUUID(), taskQueue: 'nobody-works-here' };
    await (await client().workflow.start('none', other)).terminate();
    await quiet(told);
    expect(told.times).toBe(before);
  });

  test('tells of a failure once', async () => {
    const { told } = watching(client(), 20);
    await quiet(told);
    const before = told.times;
    const taskId = randomUUID();
    await startTask(client(), {
      taskId,
      taskType: 'failing',
      workflowType: 'none',
      taskQueue: 'nobody-works-here',
      input: { task: null },
      data: {},
      summary: 'for a test',
    });
    await client().workflow.getHandle(taskId).terminate();
    await expect.poll(() => told.times).toBe(before + 1);
    await quiet(told);
    expect(told.times).toBe(before + 1);
  });
});

describe('watching', () => {
  type Answer = readonly string[] | Error;

  /** A Temporal whose lists have these run IDs, look by look; the last answer stays. */
  function listing(...answers: Answer[]) {
    const asked = { times: 0 };
    const listWorkflowExecutions = async () => {
      asked.times += 1;
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return { executions: answer?.map((runId) => ({ execution: { runId } })) };
    };
    const client = { options: { namespace: 'default' }, workflowService: { listWorkflowExecutions } };
    return { client: client as unknown as Client, asked };
  }

  test('tells of what was there before it began, so that nothing waits for the next failure', async () => {
    const { told } = watching(listing(['a']).client, 1);
    await expect.poll(() => told.times).toBe(1);
  });

  test('is not misled by runs that fall out of the newest, nor by one that appears late', async () => {
    const { client, asked } = listing([], ['c', 'b', 'a'], ['c', 'b'], ['c', 'late', 'b'], []);
    const { told } = watching(client, 1);
    await expect.poll(() => asked.times).toBeGreaterThan(8);
    expect(told.times).toBe(2);
  });

  /** The same, each answer after a while. */
  function slowListing(afterMs: number) {
    const { client, asked } = listing([]);
    const slow = client as unknown as { workflowService: { listWorkflowExecutions: () => Promise<unknown> } };
    const answer = slow.workflowService.listWorkflowExecutions;
    slow.workflowService.listWorkflowExecutions = async () => {
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      return await answer();
    };
    return { client, asked };
  }

  test('takes a tenth of a busy engine at most', async () => {
    const { client, asked } = slowListing(50);
    const { stop } = watching(client, 1);
    const start = performance.now();
    await expect.poll(() => asked.times, { timeout: 10_000 }).toBe(3);
    // Two pauses of nine times 50 ms.
    expect(performance.now() - start).toBeGreaterThan(900);
    await stop();
  });

  test('looks again soon after an engine that let it wait', async () => {
    const { client, asked } = slowListing(300);
    const { stop } = watching(client, 1, { maxPauseMs: 20 });
    const start = performance.now();
    await expect.poll(() => asked.times, { timeout: 10_000 }).toBe(3);
    // Each pause would be nine times 300 ms.
    expect(performance.now() - start).toBeLessThan(2700);
    await stop();
  });

  test('goes on when Temporal could not be asked', async () => {
    const { told } = watching(listing([], new Error('unavailable'), ['a']).client, 1);
    await expect.poll(() => told.times, { timeout: 4000 }).toBe(1);
  });

  test('ends at once when it is asked to, in the middle of a pause', async () => {
    const { client, asked } = listing([]);
    const { stop } = watching(client, 60_000);
    await expect.poll(() => asked.times).toBe(1);
    const start = performance.now();
    await stop();
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
