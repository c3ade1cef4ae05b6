import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { noTimeSkipping, timeSkippingServer } from './time-skipping.ts';

const reason = noTimeSkipping(inject('cacheDir'));

describe.skipIf(reason)(`the time-skipping server${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let env: TestWorkflowEnvironment;
  beforeAll(async () => {
    env = await timeSkippingServer(inject('cacheDir'));
  }, 300_000);
  afterAll(() => env?.teardown());

  test('lets six hours pass in a moment', async () => {
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: 'test',
      workflowsPath: new URL('../engine/fixture/workflows.ts', import.meta.url).pathname,
    });
    const start = performance.now();
    const result = await worker.runUntil(
      env.client.workflow.execute('greet', {
        workflowId: 'greet',
        taskQueue: 'test',
        args: [{ name: 'you' }],
      }),
    );
    expect(result).toBe('hello, you');
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
