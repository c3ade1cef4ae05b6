import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { FailureCategory } from '../../src/domain/category.ts';
import { SEARCH_ATTRIBUTES } from '../../src/domain/task-state.ts';
import { recoverTask } from '../../src/tasks/recover-task.ts';
import { FAILING_QUEUE, failingBundle, says, startFailing } from '../support/failing-tasks/index.ts';
import { quietRuntime } from '../support/quiet-runtime.ts';
import { noTimeSkipping, timeSkippingServer } from '../support/time-skipping.ts';

const reason = noTimeSkipping(inject('cacheDir'));
const MINUTE = 60;
const { IndexedValueType } = proto.temporal.api.enums.v1;
const INDEXED = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
};

/** Seconds before each recovery, as SPEC section 3 has them. */
const DOCUMENTED: readonly (readonly [FailureCategory, readonly number[]])[] = [
  ['recoverable_network', [30, 60, 120, 240, 240]],
  ['recoverable_system', [5 * MINUTE, 10 * MINUTE, 20 * MINUTE]],
  ['recoverable_temporary', [3 * MINUTE, 6 * MINUTE, 12 * MINUTE]],
  ['unknown', [3 * MINUTE]],
];

describe.skipIf(reason)(`documented delays${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let env: TestWorkflowEnvironment;
  let worker: Worker;
  let running: Promise<void>;
  beforeAll(async () => {
    quietRuntime();
    env = await timeSkippingServer(inject('cacheDir'));
    await env.connection.operatorService.addSearchAttributes({
      namespace: 'default',
      searchAttributes: Object.fromEntries(
        Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, INDEXED[type]]),
      ),
    });
    worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: FAILING_QUEUE,
      workflowBundle: await failingBundle(),
    });
    running = worker.run();
  }, 300_000);
  afterAll(async () => {
    worker?.shutdown();
    await running;
    await env?.teardown();
  });

  test.each(DOCUMENTED)(
    'a task that fails with %s again and again runs again after %j s, and then no more',
    async (category, delays) => {
      const taskId = randomUUID();
      // Without skipping: its `result()` would let time run by itself.
      const plain = new Client({ connection: env.connection });
      await startFailing(plain, taskId, says(category));
      await env.client.workflow
        .getHandle(taskId)
        .result()
        .catch(() => undefined);
      const waited: number[] = [];
      for (const _ of delays) {
        const { runId } = await recoverTask(plain, taskId);
        await env.client.workflow
          .getHandle(taskId, runId)
          .result()
          .catch(() => undefined);
        waited.push(await secondsAsleep(plain, taskId, runId));
      }
      expect(waited).toEqual(delays);
      await expect(recoverTask(plain, taskId)).rejects.toMatchObject({
        code: 'TASK_STATE',
        message: expect.stringContaining('the most that is allowed'),
      });
    },
    60_000,
  );
});

/** From the start of a run until its workflow began, by the server's clock. */
async function secondsAsleep(client: Client, workflowId: string, runId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const atOf = (has: (event: NonNullable<typeof events>[number]) => unknown): number => {
    const { seconds, nanos } = events?.find(has)?.eventTime ?? {};
    return Number(seconds) + Number(nanos ?? 0) / 1e9;
  };
  const began = atOf((event) => event.workflowTaskStartedEventAttributes);
  return Math.round(began - atOf((event) => event.workflowExecutionStartedEventAttributes));
}
