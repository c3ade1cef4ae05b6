import { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { HealthSummary, MonitoringActivities } from '../../src/activities/monitoring-types.ts';
import { loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import type { HealthCheckResult } from '../../src/workflows/monitoring.ts';
import { quietRuntime } from '../support/quiet-runtime.ts';
import { noTimeSkipping, timeSkippingServer } from '../support/time-skipping.ts';

const reason = noTimeSkipping(inject('cacheDir'));
const TASK_QUEUE = 'monitoring';
const MINUTE = 60_000;
const HALF_HOUR = { everyMs: MINUTE, forMs: 29.5 * MINUTE };
const WELL: HealthSummary = { healthy: true, faults: [], alerts: [] };

describe.skipIf(reason)(`workflows on queue monitoring${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let env: TestWorkflowEnvironment;
  let worker: Worker;
  let running: Promise<void>;
  let current: MonitoringActivities;
  let count = 0;

  beforeAll(async () => {
    quietRuntime();
    env = await timeSkippingServer(inject('cacheDir'));
    worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: await loadWorkflowBundle(),
      activities: {
        analysePatterns: (input) => current.analysePatterns(input),
        checkHealth: () => current.checkHealth(),
        recordVerdict: (verdict) => current.recordVerdict(verdict),
        markMessagesRead: (messages) => current.markMessagesRead(messages),
      } satisfies MonitoringActivities,
    });
    running = worker.run();
  }, 300_000);
  afterAll(async () => {
    worker?.shutdown();
    await running;
    await env?.teardown();
  });

  async function run<R>(workflow: string, activities: Partial<MonitoringActivities>, ...args: unknown[]) {
    const never = async (): Promise<never> => {
      throw ApplicationFailure.nonRetryable('not expected here');
    };
    current = {
      analysePatterns: never,
      checkHealth: never,
      recordVerdict: never,
      markMessagesRead: never,
      ...activities,
    };
    count += 1;
    const workflowId = `${workflow}-${count}`;
    const { client } = env;
    const result = await client.workflow.execute(workflow, { taskQueue: TASK_QUEUE, workflowId, args });
    const handle = new Client({ connection: env.connection }).workflow.getHandle(workflowId);
    const { startTime, closeTime, historyLength } = await handle.describe();
    return { result: result as R, startTime, closeTime, historyLength };
  }

  test('the pattern analysis takes its time from its start, and tries again when it fails', async () => {
    const asked: number[] = [];
    const { result, startTime } = await run('patternAnalysis', {
      async analysePatterns({ toMs }) {
        asked.push(toMs);
        if (asked.length < 3) throw new Error('the mirror is locked');
        return { failures: 3, report: '/reports/one.json', insights: ['one'] };
      },
    });
    expect(result).toEqual({ failures: 3, report: '/reports/one.json', insights: ['one'] });
    expect(asked).toEqual(Array(3).fill(startTime.getTime()));
  });

  test('the health check looks once a minute for half an hour: 48 workflows a day, 1,440 looks', async () => {
    const at: number[] = [];
    const { result, startTime, closeTime, historyLength } = await run<HealthCheckResult>(
      'healthCheck',
      {
        async checkHealth() {
          at.push(await env.currentTimeMs());
          return WELL;
        },
      },
      HALF_HOUR,
    );
    expect(result).toEqual({ checks: 30, failed: 0, last: WELL });
    const minutes = at.map((ms) => Math.round((ms - startTime.getTime()) / MINUTE));
    expect(minutes).toEqual(Array.from({ length: 30 }, (_, n) => n));
    const took = (closeTime?.getTime() ?? 0) - startTime.getTime();
    expect(took).toBeLessThan(30 * MINUTE);
    expect(historyLength).toBeLessThan(500);
  });

  test('a look that fails does not end the looking', async () => {
    let looks = 0;
    const { result } = await run<HealthCheckResult>(
      'healthCheck',
      {
        async checkHealth() {
          looks += 1;
          if (looks % 2 === 1) throw new Error('no mirror');
          return WELL;
        },
      },
      { everyMs: MINUTE, forMs: 4.5 * MINUTE },
    );
    expect(result).toEqual({ checks: 5, failed: 3, last: WELL });
    expect(looks).toBe(5);
  });

  test('a verdict reaches the activity', async () => {
    const verdict = { runId: 'run-1', rightCategory: 'recoverable_network', atMs: 5 };
    const kept: unknown[] = [];
    await run('recordVerdict', { recordVerdict: async (one) => void kept.push(one) }, verdict);
    expect(kept).toEqual([verdict]);
  });
});
