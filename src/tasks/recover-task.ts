import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { RekindleError } from '../domain/error-codes.ts';
import { isPlainObject } from '../domain/json.ts';
import { decideRecovery } from '../domain/recovery-policy.ts';
import type { TaskRecord } from '../domain/task-record.ts';
import type { RecoveryNote, TaskInput } from '../domain/task-state.ts';
import { decodeFirst } from './payloads.ts';
import { latestRun, startTask } from './start-task.ts';

/** How a failed task is to be recovered by hand. */
export interface RecoverRequest {
  /** Whatever the category and the attempt limit say, and at once. @default false */
  readonly force?: boolean;
  /** Forget the checkpoint. @default false: go on from it */
  readonly fromStart?: boolean;
  /** `FAILURE_MAX_RECOVERY_ATTEMPTS`. @default the category's own maximum */
  readonly maxAttempts?: number | null;
}

/** A recovery that was scheduled. */
export interface ScheduledRecovery {
  readonly taskId: string;
  readonly runId: string;
  /** Before the new run begins, in ms. */
  readonly delayMs: number;
  /** Number of this recovery, from 1. */
  readonly attempt: number;
  /** The step it goes on from; null: from the start. */
  readonly fromStep: string | null;
}

/**
 * Starts a new run of a failed task from its last checkpoint, after its category's delay.
 * @throws {RekindleError} TASK_NOT_FOUND; TASK_STATE when the task runs, is completed, or may not be recovered (any more).
 */
export async function recoverTask(
  client: Client,
  taskId: string,
  request: RecoverRequest = {},
): Promise<ScheduledRecovery> {
  const record = await latestRun(client, taskId);
  if (!record) throw notFound(taskId);
  const { delayMs, attempt, strategy } = decided(record, request);
  const started = await firstEvent(client, record);
  const checkpoint = request.fromStart ? null : record.state.checkpoint;
  const note = noteOf(record, { delayMs, strategy, fromStep: checkpoint?.step ?? null });
  const input: TaskInput<unknown> = {
    task: started.input.task,
    recoveryAttempts: attempt,
    recoveryNotes: [...record.state.recoveryNotes, note],
    ...(checkpoint ? { checkpoint } : {}),
  };
  const { workflowType, taskQueue } = started;
  const task = {
    taskId,
    taskType: record.state.taskType,
    workflowType,
    taskQueue,
    input,
    data: record.state.data,
  };
  try {
    const summary = `recovery ${attempt} of ${taskId}`;
    const runId = await startTask(client, { ...task, summary, recovery: { delayMs } });
    return { taskId, runId, delayMs, attempt, fromStep: checkpoint?.step ?? null };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw refused(taskId, 'was started again meanwhile', 'Nothing is left to do.');
  }
}

function decided(record: TaskRecord, request: RecoverRequest) {
  const { taskId, runStatus, state } = record;
  if (runStatus === 'RUNNING') {
    throw refused(
      taskId,
      `is ${state.status}`,
      'Only a failed task can be recovered; `rekindle task wait` follows it.',
    );
  }
  if (state.status === 'completed') {
    throw refused(taskId, 'is completed', 'Start it anew if its result is gone.');
  }
  const decision = decideRecovery({
    category: state.lastError?.category ?? 'unknown',
    attempts: state.recoveryAttempts,
    maxOverride: request.maxAttempts ?? undefined,
    force: request.force ?? false,
  });
  if (decision.action === 'recover') return decision;
  const why =
    decision.reason === 'not_recoverable'
      ? `failed with ${state.lastError?.category}, which another run would meet again`
      : `was recovered ${state.recoveryAttempts} times, the most that is allowed`;
  throw refused(taskId, why, 'Remove the cause, then recover it with --force.');
}

function noteOf(
  { state }: TaskRecord,
  how: { readonly delayMs: number; readonly strategy: string; readonly fromStep: string | null },
): RecoveryNote {
  return {
    at: new Date().toISOString(),
    why: state.lastError?.message ?? 'unknown',
    delay_seconds: how.delayMs / 1000,
    outcome: 'scheduled',
    strategy: how.strategy,
    from_step: how.fromStep,
  };
}

/** What the failed run was started with; only its first event is read. */
async function firstEvent(client: Client, { taskId, runId }: TaskRecord) {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: taskId, runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const input = await decodeFirst(client, started?.input?.payloads);
  if (!isPlainObject(input) || !('task' in input)) {
    throw new RekindleError(
      'INVALID_INPUT',
      `task ${taskId} was not started by rekindle: its input has no task`,
      {
        hint: 'Start it again in the way it was started.',
      },
    );
  }
  return {
    workflowType: started?.workflowType?.name ?? '',
    taskQueue: started?.taskQueue?.name ?? '',
    input: input as unknown as TaskInput<unknown>,
  };
}

function notFound(taskId: string): RekindleError {
  return new RekindleError('TASK_NOT_FOUND', `there is no task ${taskId}`, {
    hint: '`rekindle task list` shows the tasks there are.',
  });
}

function refused(taskId: string, why: string, hint: string): RekindleError {
  return new RekindleError('TASK_STATE', `task ${taskId} cannot be recovered: it ${why}`, { hint });
}
