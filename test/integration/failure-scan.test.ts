/** The failure scan on a real engine: what becomes of failed tasks of every kind. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { FAILURE_CATEGORIES, type FailureCategory } from '../../src/domain/category.ts';
import { RECOVERY_QUEUE } from '../../src/domain/queues.ts';
import { RECOVERY_RULES } from '../../src/domain/recovery-policy.ts';
import { triggerSchedule } from '../../src/engine/schedules.ts';
import { createClassifier } from '../../src/failures/index.ts';
import { recordOf } from '../../src/tasks/record-of.ts';
import { recoverTask } from '../../src/tasks/recover-task.ts';
import type { FailureScanResult } from '../../src/workflows/failure-scan.ts';
import {
  type Ending,
  FAILING_QUEUE,
  type FailingOptions,
  says,
  startFailing,
} from '../support/failing-tasks/index.ts';
import { activitiesOf, scanBench } from '../support/scan-bench.ts';
import { tempDir } from '../support/temp-dir.ts';

const at = scanBench();
afterEach(() => at().reset());

let count = 0;
function newId(what: string): string {
  count += 1;
  return `${what}-${count}`;
}

/** A task that has failed so. A further run of it completes, unless a test wants something else. */
async function failed(ending: Ending, options: FailingOptions = {}): Promise<string> {
  const taskId = newId(ending.kind);
  await startFailing(at().client, taskId, ending, { afterwards: { kind: 'completes' }, ...options });
  await at().untilFailed([taskId]);
  return taskId;
}

async function describeTask(taskId: string) {
  return recordOf(await at().client.workflow.getHandle(taskId).describe());
}

/** How long the latest run waits before it begins, as Temporal has it, in ms. */
async function startDelayMs(taskId: string): Promise<number> {
  const { client } = at();
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: taskId },
    maximumPageSize: 1,
  });
  const backoff = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.firstWorkflowTaskBackoff;
  return Number(backoff?.seconds ?? 0) * 1000 + (backoff?.nanos ?? 0) / 1e6;
}

const toldOf = (taskId: string) =>
  [...at().told.values()].filter(({ failure }) => failure?.taskId === taskId);

const RECOVERABLE = FAILURE_CATEGORIES.filter((category) => RECOVERY_RULES[category].maxAttempts > 0);
const REPORTED = FAILURE_CATEGORIES.filter((category) => RECOVERY_RULES[category].maxAttempts === 0);

describe('a failed task', () => {
  test.each(RECOVERABLE)(
    'of category %s is recovered with each documented delay in turn, and then told',
    async (category) => {
      const { delaysMs, maxAttempts } = RECOVERY_RULES[category];
      const tasks = await Promise.all(
        Array.from({ length: maxAttempts + 1 }, (_, recoveryAttempts) =>
          failed(says(category), { recoveryAttempts }),
        ),
      );
      const { of } = await at().scan();
      for (const [attempts, taskId] of tasks.entries()) {
        if (attempts === maxAttempts) {
          expect(of(taskId)).toMatchObject({ action_taken: 'admin_notification', success: true, category });
          expect(toldOf(taskId)).toMatchObject([
            {
              times: 1,
              priority: 'high',
              failure: { reason: 'attempts_used_up', recoveryAttempts: maxAttempts },
            },
          ]);
          continue;
        }
        const delayMs = delaysMs[Math.min(attempts, delaysMs.length - 1)] ?? Number.NaN;
        expect(of(taskId)).toMatchObject({ action_taken: 'auto_recovery', retry_delay: delayMs / 1000 });
        expect(await startDelayMs(taskId)).toBe(delayMs);
        const { state } = await describeTask(taskId);
        expect(state).toMatchObject({
          status: 'recovering',
          recoveryAttempts: attempts + 1,
          recoveryNotes: [{ delay_seconds: delayMs / 1000, outcome: 'scheduled', strategy: category }],
        });
        expect(toldOf(taskId)).toEqual([]);
      }
    },
  );

  test.each(REPORTED)('of category %s is told at once, and not started again', async (category) => {
    const taskId = await failed(says(category));
    const { of, report } = await at().scan();
    const toUser = category === 'unrecoverable_business';
    expect(of(taskId)).toEqual({
      task_id: taskId,
      category,
      action_taken: toUser ? 'user_notification' : 'admin_notification',
      success: true,
      message: toUser ? '已通知用户' : '已通知管理员',
    });
    expect(report).toMatchObject({ success: true, stats: { notified: 1, errors: [] } });
    expect(toldOf(taskId)).toMatchObject([
      { times: 1, audience: toUser ? 'user' : 'administrators', priority: toUser ? 'normal' : 'high' },
    ]);
    expect((await describeTask(taskId)).runStatus).toBe('FAILED');
  });

  test('that is recovered goes on from its checkpoint', async () => {
    const checkpoint = {
      step: 'second',
      step_index: 1,
      data: { n: 1 },
      timestamp: '2026-01-02T03:04:05.000Z',
    };
    const taskId = await failed(says('recoverable_network'), { checkpoint });
    await at().scan();
    expect((await describeTask(taskId)).state.checkpoint).toEqual(checkpoint);
  });

  test('whose checkpoint does not fit is told with a way out, and that way works without force', async () => {
    const checkpoint = { step: 'gone', step_index: 7, data: {}, timestamp: '2026-01-02T03:04:05.000Z' };
    const taskId = await failed({ kind: 'completes' }, { checkpoint });
    const { of } = await at().scan();
    expect(of(taskId)).toMatchObject({ category: 'unrecoverable_data', action_taken: 'admin_notification' });
    const [told] = toldOf(taskId);
    expect(told?.failure?.info).toMatchObject({ errorType: 'INVALID_CHECKPOINT' });
    expect(told?.failure?.info.hint).toContain(`rekindle recover ${taskId} --from-start`);
    expect(told?.failure?.info.hint).toContain('--from-step');
    const { client } = at();
    await expect(recoverTask(client, taskId)).rejects.toMatchObject({ code: 'TASK_STATE' });
    expect(await recoverTask(client, taskId, { fromStep: 'second' })).toMatchObject({ fromStep: 'second' });
    expect(await client.workflow.getHandle(taskId).result()).toBe('done');
  });
});

describe('a run that never got to say anything', () => {
  test('is understood by the failure it closed with', async () => {
    const taskId = await failed({ kind: 'silent', message: 'connect ECONNREFUSED 10.0.0.1:443' });
    const { of } = await at().scan();
    expect(of(taskId)).toMatchObject({ category: 'recoverable_network', retry_delay: 30 });
    const { state } = await describeTask(taskId);
    expect(state.recoveryNotes[0]?.why).toContain('ECONNREFUSED');
  });

  test.each([
    ['', 'unknown'],
    ['tidying up', 'unknown'],
    ['Requested from CLI by user@disk-full.example', 'unknown'],
    ['the disk is full: no space left on device', 'recoverable_system'],
    ['Workflow history size exceeds limit.', 'unrecoverable_config'],
    ['Workflow history count exceeds limit.', 'unrecoverable_config'],
    ['Workflow mutable state size exceeds limit.', 'unrecoverable_config'],
  ])('because it was terminated ("%s") is %s', async (reason, category) => {
    const taskId = newId('terminated');
    await startFailing(at().client, taskId, { kind: 'waits' });
    await at().client.workflow.getHandle(taskId).terminate(reason);
    await at().untilFailed([taskId]);
    const { of } = await at().scan();
    expect(of(taskId)).toMatchObject({ category, success: true });
  });

  test('because it timed out is recovered as a step that took too long', async () => {
    const { client } = at();
    const taskId = newId('timed-out');
    await client.workflow.start('failing', {
      workflowId: taskId,
      taskQueue: FAILING_QUEUE,
      args: [{ task: { ending: { kind: 'waits' } } }],
      workflowRunTimeout: 1000,
      memo: { taskType: 'failing' },
      searchAttributes: { TaskType: ['failing'] },
    });
    await at().untilFailed([taskId]);
    const { of } = await at().scan();
    expect(of(taskId)).toMatchObject({ category: 'recoverable_temporary', retry_delay: 180 });
  });

  test('because it was cancelled is left alone', async () => {
    const taskId = newId('cancelled');
    await startFailing(at().client, taskId, { kind: 'waits' });
    const handle = at().client.workflow.getHandle(taskId);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    const { of } = await at().scan();
    expect(of(taskId)).toBeUndefined();
  });
});

describe('settings', () => {
  test('a maximum lowers that of every category', async () => {
    at().settings = { ...at().settings, maxAttempts: 2 };
    const [under, over] = await Promise.all([
      failed(says('recoverable_network'), { recoveryAttempts: 1 }),
      failed(says('recoverable_network'), { recoveryAttempts: 2 }),
    ]);
    const { of } = await at().scan();
    expect(of(under ?? '')).toMatchObject({ action_taken: 'auto_recovery' });
    expect(of(over ?? '')).toMatchObject({
      action_taken: 'admin_notification',
      message: '已自动恢复2次仍失败，已通知管理员',
    });
  });

  test('recovery and notification that are switched off leave tasks alone, until they are switched on', async () => {
    at().settings = { ...at().settings, recoveryEnabled: false, notificationEnabled: false };
    const [network, data] = await Promise.all([
      failed(says('recoverable_network')),
      failed(says('unrecoverable_data')),
    ]);
    const first = await at().scan();
    expect(first.of(network ?? '')).toMatchObject({
      action_taken: 'skipped',
      message: '自动恢复已关闭，未处理',
    });
    expect(first.of(data ?? '')).toMatchObject({ action_taken: 'skipped', message: '通知已关闭，未通知' });
    expect(first.result.switchedOffAtMs).toBeGreaterThan(0);
    expect(toldOf(data ?? '')).toEqual([]);
    at().reset();
    const second = await at().scan();
    expect(second.of(network ?? '')).toMatchObject({ action_taken: 'auto_recovery' });
    expect(second.of(data ?? '')).toMatchObject({ action_taken: 'admin_notification' });
  });

  test('a task type may have its own strategy, as a value or as a function', async () => {
    at().settings = {
      ...at().settings,
      strategies: {
        fixed_type: { delay: 7, strategy: 'weekly', max_attempts: 1 },
        special_task: ({ recoveryAttempts, failure }) =>
          failure.category === 'recoverable_system'
            ? { delay: 100 * (recoveryAttempts + 1), strategy: 'progressive', max_attempts: 9 }
            : undefined,
      },
    };
    const [fixed, special, other, data] = await Promise.all([
      failed(says('recoverable_network'), { taskType: 'fixed_type' }),
      failed(says('recoverable_system'), { taskType: 'special_task', recoveryAttempts: 5 }),
      failed(says('recoverable_network'), { taskType: 'special_task' }),
      failed(says('unrecoverable_data'), { taskType: 'fixed_type' }),
    ]);
    const { of } = await at().scan();
    expect(of(fixed ?? '')).toMatchObject({ retry_delay: 7 });
    expect(of(special ?? '')).toMatchObject({ retry_delay: 600 });
    expect((await describeTask(special ?? '')).state.recoveryNotes[0]?.strategy).toBe('progressive');
    expect(of(other ?? '')).toMatchObject({ retry_delay: 30 });
    expect(of(data ?? '')).toMatchObject({ action_taken: 'admin_notification' });
  });

  test('categories of one’s own are recognised and handled as their rules say', async () => {
    const rule = (category: string, pattern: string) => ({ category, patterns: [pattern] });
    const classifier = createClassifier({
      rules: [rule('courier_rest', 'courier .* asleep'), rule('courier_gone', 'courier .* gone')],
    });
    at().deps = { classifier };
    at().settings = {
      ...at().settings,
      ownRules: {
        courier_rest: { delaysMs: [9000, 18_000], maxAttempts: 2, audience: 'administrators' },
        courier_gone: { delaysMs: [], maxAttempts: 0, audience: 'user' },
        recoverable_network: { delaysMs: [1000], maxAttempts: 1, audience: 'user' },
      },
    };
    const [rests, again, gone, nameless, network] = await Promise.all([
      failed({ kind: 'silent', message: 'the courier SF is asleep' }),
      failed(says('courier_rest'), { recoveryAttempts: 1 }),
      failed({ kind: 'silent', message: 'the courier SF is gone' }),
      failed(says('recoverable_by_its_name')),
      failed(says('recoverable_network'), { recoveryAttempts: 1 }),
    ]);
    const { of } = await at().scan();
    expect(of(rests ?? '')).toMatchObject({ category: 'courier_rest', retry_delay: 9 });
    expect(of(again ?? '')).toMatchObject({ category: 'courier_rest', retry_delay: 18 });
    expect(of(gone ?? '')).toMatchObject({ category: 'courier_gone', action_taken: 'user_notification' });
    expect(of(nameless ?? '')).toMatchObject({ category: 'recoverable_by_its_name', retry_delay: 180 });
    expect(of(network ?? '')).toMatchObject({ action_taken: 'user_notification' });
    expect(toldOf(network ?? '')).toMatchObject([{ failure: { reason: 'attempts_used_up' } }]);
  });
});

describe('a bad task does not stop the scan', () => {
  test('whose strategy throws: it is an error, the others are handled, and it comes again', async () => {
    at().settings = {
      ...at().settings,
      strategies: {
        broken_type: () => {
          throw new Error('the strategy has a bug');
        },
      },
    };
    const bad = await failed(says('recoverable_network'), { taskType: 'broken_type' });
    const good = await failed(says('recoverable_network'));
    const { of, report, result } = await at().scan();
    expect(report).toMatchObject({
      success: true,
      stats: { errors: [{ task_id: bad, error: 'the strategy has a bug' }] },
    });
    expect(of(bad)).toMatchObject({
      action_taken: 'error',
      category: 'recoverable_network',
      success: false,
    });
    expect(of(good)).toMatchObject({ action_taken: 'auto_recovery' });
    // The next scan begins before it.
    expect(result.watermarkMs).toBe((await describeTask(bad)).closedAtMs);
    at().reset();
    expect((await at().scan()).of(bad)).toMatchObject({ action_taken: 'auto_recovery' });
  });

  test('whose memo nobody can read', async () => {
    const { client } = at();
    const encrypted = {
      encode: async (payloads: object[]) =>
        payloads.map((payload) => ({ ...payload, metadata: { encoding: Buffer.from('binary/lost-key') } })),
      decode: async (payloads: object[]) => payloads,
    };
    const other = new Client({
      connection: client.connection,
      namespace: client.options.namespace,
      dataConverter: { payloadCodecs: [encrypted] },
    });
    const bad = newId('unreadable');
    const handle: WorkflowHandleWithFirstExecutionRunId = await other.workflow.start('failing', {
      workflowId: bad,
      taskQueue: 'nobody',
      memo: { taskType: 'failing' },
      searchAttributes: { TaskType: ['failing'] },
    });
    await handle.terminate('it cannot run');
    await at().untilFailed([bad]);
    const good = await failed(says('recoverable_network'));
    const { of, report } = await at().scan();
    expect(report?.stats.errors).toEqual([{ task_id: bad, error: expect.stringContaining('lost-key') }]);
    expect(of(good)).toMatchObject({ action_taken: 'auto_recovery' });
    // Nothing of it is left for the tests after this one.
    at().forget(bad);
  });

  test('that cannot be told: it comes again', async () => {
    const bad = await failed(says('unrecoverable_data'));
    at().deps = {
      notify: async (all) => new Map(all.map(({ id }) => [id, new Error('the engine is busy')])),
    };
    expect((await at().scan()).of(bad)).toMatchObject({ action_taken: 'error' });
    at().reset();
    expect((await at().scan()).of(bad)).toMatchObject({ action_taken: 'admin_notification' });
  });
});

describe('nothing is done twice', () => {
  test('by two scans at once', async () => {
    at().deps = { mirror: brokenMirror };
    const tasks = await Promise.all(Array.from({ length: 12 }, () => failed(says('recoverable_network'))));
    const scans = await Promise.all([at().scan(), at().scan()]);
    for (const taskId of tasks) {
      const actions = scans.map(({ of }) => of(taskId)?.action_taken).filter((one) => one !== undefined);
      expect(actions.filter((one) => one === 'auto_recovery')).toHaveLength(1);
      expect(actions.filter((one) => one !== 'auto_recovery' && one !== 'skipped')).toEqual([]);
      expect((await describeTask(taskId)).state.recoveryAttempts).toBe(1);
    }
  });

  test('by a scan after the first, also when the mirror is broken', async () => {
    const [network, data] = await Promise.all([
      failed(says('recoverable_network')),
      failed(says('unrecoverable_data')),
    ]);
    await at().scan();
    const second = await at().scan();
    expect(second.report).toMatchObject({ total_processed: 0, results: [] });
    at().deps = { mirror: brokenMirror };
    const third = await at().scan();
    expect(third.of(network ?? '')).toBeUndefined();
    // Telling again is dropped by its ID, see notificationGroup.
    expect(toldOf(data ?? '').map(({ id }) => id)).toHaveLength(1);
  });

  test('by a page that is done again after its worker was lost; its report has all of it', async () => {
    const tasks = await Promise.all([
      failed(says('recoverable_network')),
      failed(says('recoverable_system')),
      failed(says('unrecoverable_data')),
    ]);
    let attempts = 0;
    at().deps = {
      notify: async () => {
        attempts += 1;
        if (attempts === 1) throw new Error('the worker is gone');
        return new Map();
      },
    };
    const { report } = await at().scan();
    expect(attempts).toBe(2);
    const actions = tasks.map((id) => report?.results.find(({ task_id }) => task_id === id)?.action_taken);
    expect(actions).toEqual(['auto_recovery', 'auto_recovery', 'admin_notification']);
    expect(report?.stats).toMatchObject({ recovered: 2, notified: 1 });
  });
});

describe('a scan', () => {
  test('of many pages goes on in new runs, and its report has every task once', async () => {
    at().settings = { ...at().settings, pageSize: 3 };
    const tasks = await Promise.all(Array.from({ length: 20 }, () => failed(says('recoverable_network'))));
    const { report, result } = await at().scan({ pagesPerRun: 1 });
    const ids = (report?.results ?? []).map(({ task_id }) => task_id);
    expect(ids.toSorted()).toEqual(tasks.toSorted());
    expect(result).toMatchObject({ scanned: 20, recovered: 20, errors: 0 });
    const continued = await at().client.workflow.count(
      "WorkflowType = 'failureScan' AND ExecutionStatus = 'ContinuedAsNew'",
    );
    expect(continued.count).toBeGreaterThanOrEqual(6);
    expect(readdirSync(at().settings.reportsDirectory).filter((name) => name.startsWith('.scan'))).toEqual(
      [],
    );
  }, 90_000);

  test('began where the last one of its schedule ended, and reports nothing when there is nothing', async () => {
    const { client } = at();
    const seen: number[] = [];
    at().intercept = {
      scanPage: async (input) => {
        seen.push(input.sinceMs);
        return activitiesOf(at()).scanPage(input);
      },
    };
    const schedule = await client.schedule.create({
      scheduleId: 'scan',
      spec: {},
      action: {
        type: 'startWorkflow',
        workflowType: 'failureScan',
        workflowId: 'scheduled-scan',
        taskQueue: RECOVERY_QUEUE,
        args: [{ intervalMs: 1_800_000 }],
      },
    });
    const results: FailureScanResult[] = [];
    for (const n of [1, 2]) {
      await triggerSchedule(client, 'scan');
      await expect
        .poll(async () => (await schedule.describe()).info.numActionsTaken, { timeout: 10_000 })
        .toBe(n);
      const [last] = (await schedule.describe()).info.recentActions.slice(-1);
      const { workflow } = last?.action ?? {};
      results.push(await client.workflow.getHandle(workflow?.workflowId ?? '').result());
    }
    await schedule.delete();
    const [first, second] = results;
    expect(first?.report).not.toBeNull();
    // The second one is early: it says nothing of nothing.
    expect(second).toMatchObject({ report: null, fullAtMs: first?.fullAtMs });
    expect(seen[0]).toBeLessThan(Date.now() - 23 * 3_600_000);
    expect(seen[1]).toBe((first?.watermarkMs ?? 0) - 120_000);
  });

  test('whose page fails for good is reported as broken off, and leaves no watermark', async () => {
    at().intercept = {
      scanPage: async () => {
        throw ApplicationFailure.nonRetryable('visibility is gone');
      },
    };
    const before = reports();
    await expect(at().scan()).rejects.toMatchObject({
      cause: { type: 'SCAN_BROKEN_OFF', message: expect.stringContaining('visibility is gone') },
    });
    const [written] = reports().filter((name) => !before.includes(name));
    const report = at().reportOf({ report: join(reportFolder(), written ?? '') } as FailureScanResult);
    expect(report).toMatchObject({ success: false, message: '失败任务处理中断：visibility is gone' });
  });

  test('whose reports cannot be written recovers and tells all the same', async () => {
    const blocked = join(tempDir('blocked'), 'reports');
    writeFileSync(blocked, 'no directory');
    at().settings = { ...at().settings, reportsDirectory: blocked };
    const taskId = await failed(says('recoverable_network'));
    const lines: { results?: { taskId: string; action: string }[] }[] = [];
    const write = (line: string) => void lines.push(JSON.parse(line));
    at().deps = { log: pino({}, { write }) };
    const { result } = await at().scan();
    expect(result).toMatchObject({ report: null, scanned: 1, recovered: 1 });
    expect((await describeTask(taskId)).state.status).toBe('recovering');
    // What no report tells stands in the log.
    expect(lines.flatMap(({ results = [] }) => results)).toEqual([
      expect.objectContaining({ taskId, action: 'auto_recovery' }),
    ]);
  });

  test('has the alerts looked at in its end, and lives when that fails', async () => {
    let looked = 0;
    at().deps = {
      onFinished: async () => {
        looked += 1;
        throw new Error('no alerts today');
      },
    };
    await at().scan();
    expect(looked).toBe(1);
  });
});

const brokenMirror = {
  handledRuns: () => {
    throw new Error('database is locked');
  },
  recordHandling: () => {
    throw new Error('database is locked');
  },
};

const reportFolder = () => join(at().settings.reportsDirectory, 'failure_processing');
function reports(): string[] {
  mkdirSync(reportFolder(), { recursive: true });
  return readdirSync(reportFolder());
}

test('every category is among the tested ones', () => {
  const tested: FailureCategory[] = [...RECOVERABLE, ...REPORTED];
  expect(tested.toSorted()).toEqual([...FAILURE_CATEGORIES].toSorted());
});
