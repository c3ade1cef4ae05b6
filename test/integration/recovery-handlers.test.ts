/** Recovery handlers and checkpoints of failed tasks, on a real engine. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../src/domain/checkpoint.ts';
import type { TaskView } from '../../src/domain/task-record.ts';
import { recordOf } from '../../src/tasks/record-of.ts';
import { recoverTask } from '../../src/tasks/recover-task.ts';
import { type Ending, type FailingOptions, says, startFailing } from '../support/failing-tasks/index.ts';
import { scanBench } from '../support/scan-bench.ts';

const at = scanBench();
afterEach(() => at().reset());

const CHECKPOINT: Checkpoint = {
  step: 'second',
  step_index: 1,
  data: { page: 7 },
  timestamp: '2026-01-02T03:04:05.000Z',
};

let count = 0;
async function failed(ending: Ending, options: FailingOptions = {}): Promise<string> {
  count += 1;
  const taskId = `handled-${count}`;
  await startFailing(at().client, taskId, ending, { afterwards: { kind: 'completes' }, ...options });
  await at().untilFailed([taskId]);
  return taskId;
}

const latest = async (taskId: string) => recordOf(await at().client.workflow.getHandle(taskId).describe());
const toldOf = (taskId: string) =>
  [...at().told.values()].filter(({ failure }) => failure?.taskId === taskId);

describe('a recovery handler', () => {
  test('gets the task with its checkpoint, and true lets it go on', async () => {
    const seen: TaskView[] = [];
    at().settings = {
      ...at().settings,
      canRecover: {
        failing: (task) => {
          seen.push(task);
          return task.checkpoint?.data.page === 7;
        },
      },
    };
    const taskId = await failed(says('recoverable_network'), { checkpoint: CHECKPOINT });
    const { of } = await at().scan();
    expect(of(taskId)).toMatchObject({ action_taken: 'auto_recovery', retry_delay: 30 });
    expect(seen).toMatchObject([
      {
        task_id: taskId,
        task_type: 'failing',
        status: 'failed',
        checkpoint: CHECKPOINT,
        last_error: { category: 'recoverable_network' },
      },
    ]);
    expect(toldOf(taskId)).toEqual([]);
  });

  test.each([
    ['a reason', () => 'the printer is gone', 'the printer is gone'],
    ['false', () => false, 'the recovery handler says no'],
    ['a promise of false', async () => false, 'the recovery handler says no'],
    [
      'an error of its own',
      () => {
        throw new Error('cannot look');
      },
      'the recovery handler failed: cannot look',
    ],
  ])(
    'that answers with %s keeps it from going on, and administrators are told why',
    async (_, handler, reason) => {
      at().settings = { ...at().settings, canRecover: { failing: handler as never } };
      const taskId = await failed(says('recoverable_network'));
      const { of } = await at().scan();
      expect(of(taskId)).toMatchObject({ action_taken: 'admin_notification', success: true });
      expect(toldOf(taskId)).toMatchObject([
        {
          times: 1,
          audience: 'administrators',
          priority: 'high',
          failure: { reason: 'refused', refusal: reason },
        },
      ]);
      expect((await latest(taskId)).runStatus).toBe('FAILED');
      // Told once: the next scan has nothing to do with it.
      await at().scan();
      expect(toldOf(taskId)).toMatchObject([{ times: 1 }]);
    },
  );

  test('of another type of task is not asked', async () => {
    at().settings = { ...at().settings, canRecover: { other: () => false } };
    const taskId = await failed(says('recoverable_network'));
    const { of } = await at().scan();
    expect(of(taskId)).toMatchObject({ action_taken: 'auto_recovery' });
  });

  test('is asked before a recovery by hand, too, and not when that is forced', async () => {
    const canRecover = { failing: () => 'the printer is gone' };
    const taskId = await failed(says('recoverable_network'));
    await expect(recoverTask(at().client, taskId, { canRecover })).rejects.toMatchObject({
      code: 'TASK_STATE',
      message: `task ${taskId} cannot be recovered: the printer is gone`,
      hint: expect.stringContaining('--force'),
    });
    expect(await recoverTask(at().client, taskId, { canRecover, force: true })).toMatchObject({ attempt: 1 });
    expect(await at().client.workflow.getHandle(taskId).result()).toBe('done');
  });
});

describe('a task whose checkpoint is damaged', () => {
  const DAMAGED = { step: '', step_index: 1.5, data: [], timestamp: 'noon' } as never;

  test('is not started again from it: every fault is named, with the choices there are', async () => {
    const taskId = await failed({ kind: 'completes' }, { checkpoint: DAMAGED });
    await expect(recoverTask(at().client, taskId, { force: true })).rejects.toMatchObject({
      code: 'INVALID_CHECKPOINT',
      message: expect.stringContaining('step is ""; step_index is 1.5; timestamp is "noon"; data is a list'),
      hint: expect.stringMatching(/set .* --file FILE.*reset .* --to-step STEP.*reset /),
    });
    expect((await latest(taskId)).runStatus).toBe('FAILED');
  });

  test('goes on from one that was repaired', async () => {
    const taskId = await failed({ kind: 'completes' }, { checkpoint: DAMAGED });
    const started = await recoverTask(at().client, taskId, { checkpoint: CHECKPOINT });
    expect(started).toMatchObject({ delayMs: 0, fromStep: 'second' });
    expect(await at().client.workflow.getHandle(taskId).result()).toBe('done');
    expect((await latest(taskId)).state.checkpoint).toEqual(CHECKPOINT);
  });

  test('starts over when it is told to', async () => {
    const taskId = await failed({ kind: 'completes' }, { checkpoint: DAMAGED });
    expect(await recoverTask(at().client, taskId, { fromStart: true })).toMatchObject({ fromStep: null });
    expect(await at().client.workflow.getHandle(taskId).result()).toBe('done');
  });

  test('is told by the scan instead of failing in it again and again', async () => {
    // Its own workflow never looked at the checkpoint that it was started with.
    const silent: Ending = { kind: 'silent', message: 'read ECONNRESET', type: 'ECONNRESET' };
    const taskId = await failed(silent, { checkpoint: DAMAGED });
    const { of } = await at().scan();
    expect(of(taskId)).toMatchObject({ action_taken: 'admin_notification' });
    expect(toldOf(taskId)).toMatchObject([
      {
        failure: {
          reason: 'refused',
          refusal: expect.stringContaining('the checkpoint is damaged: step is ""'),
        },
      },
    ]);
  });

  test('is refused another damaged one', async () => {
    const taskId = await failed(says('recoverable_network'), { checkpoint: CHECKPOINT });
    const checkpoint = { step: 'second', data: { n: Number.NaN } };
    await expect(recoverTask(at().client, taskId, { force: true, checkpoint })).rejects.toMatchObject({
      code: 'INVALID_CHECKPOINT',
      message: expect.stringContaining('step_index is missing; timestamp is missing; data.n is NaN'),
    });
    await expect(
      recoverTask(at().client, taskId, { force: true, checkpoint: CHECKPOINT, fromStart: true }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
