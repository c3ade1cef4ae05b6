import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { type Checkpoint, makeCheckpoint } from '../domain/checkpoint.ts';
import { RekindleError } from '../domain/error-codes.ts';
import type { FailedRun, RecoveryStrategy } from '../domain/failed-run.ts';
import { failureOfCode } from '../domain/failure-of-code.ts';
import { isPlainObject } from '../domain/json.ts';
import {
  decideRecovery,
  type NotifyReason,
  type RecoveryDecision,
  type RecoveryRule,
} from '../domain/recovery-policy.ts';
import type { TaskRecord } from '../domain/task-record.ts';
import type { RecoveryNote, TaskInput } from '../domain/task-state.ts';
import { stepsOfType } from '../domain/task-steps.ts';
import { decodeFirst } from './payloads.ts';
import { latestRun, startTask } from './start-task.ts';

/** How a failed task is to be recovered. */
export interface RecoverRequest extends RecoveryPolicies {
  /** Whatever the category and the attempt limit say, and at once. @default false */
  readonly force?: boolean;
  /** Forget the checkpoint. @default false: go on from it */
  readonly fromStart?: boolean;
  /** Go on at this step, which is the checkpoint's or an earlier one. @default the checkpoint's */
  readonly fromStep?: string;
}

/** What the decision about a recovery depends on beside the task. */
export interface RecoveryPolicies {
  /** `FAILURE_MAX_RECOVERY_ATTEMPTS`. @default the category's own maximum */
  readonly maxAttempts?: number | null;
  /** How the user wants categories handled, built-in ones or their own. */
  readonly ownRules?: Readonly<Record<string, RecoveryRule>>;
  /** By task type, instead of by category. */
  readonly strategies?: Readonly<Record<string, RecoveryStrategy>>;
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
 * @throws {RekindleError} TASK_NOT_FOUND; TASK_STATE when the task runs, is completed, or may not be recovered (any more);
 *   INVALID_INPUT when it has no such step.
 */
export async function recoverTask(
  client: Client,
  taskId: string,
  request: RecoverRequest = {},
): Promise<ScheduledRecovery> {
  const record = await latestRun(client, taskId);
  if (!record) throw notFound(taskId);
  requireFailed(record);
  const decision = decisionFor(asFailedRun(record), request);
  if (decision.action === 'notify') throw notAllowed(record, decision.reason);
  return await startRecovery(client, record, decision, request);
}

/** What is to be done about a failed run. @throws {RangeError} when a custom strategy returns no numbers. */
export function decisionFor(
  run: FailedRun,
  { maxAttempts, ownRules, strategies, force = false }: RecoveryPolicies & { readonly force?: boolean },
): RecoveryDecision {
  const strategy =
    strategies && Object.hasOwn(strategies, run.taskType) ? strategies[run.taskType] : undefined;
  return decideRecovery({
    category: run.failure.category,
    attempts: run.recoveryAttempts,
    maxOverride: maxAttempts ?? undefined,
    custom: typeof strategy === 'function' ? strategy(run) : strategy,
    force,
    ownRules,
  });
}

/**
 * Starts the run that a decision wants.
 * @param record the task's latest run.
 * @throws {RekindleError} TASK_STATE when it was started again meanwhile; INVALID_INPUT.
 */
export async function startRecovery(
  client: Client,
  record: TaskRecord,
  { delayMs, attempt, strategy }: Extract<RecoveryDecision, { action: 'recover' }>,
  where: Pick<RecoverRequest, 'fromStart' | 'fromStep'> = {},
): Promise<ScheduledRecovery> {
  const { taskId, state } = record;
  const checkpoint = checkpointFor(record, where);
  const started = await firstEvent(client, record);
  const note = noteOf(record, { delayMs, strategy, fromStep: checkpoint?.step ?? null });
  const input: TaskInput<unknown> = {
    task: started.input.task,
    recoveryAttempts: attempt,
    recoveryNotes: [...state.recoveryNotes, note],
    ...(checkpoint ? { checkpoint } : {}),
  };
  const { workflowType, taskQueue } = started;
  const task = { taskId, taskType: state.taskType, workflowType, taskQueue, input, data: state.data };
  try {
    const summary = `recovery ${attempt} of ${taskId}`;
    const runId = await startTask(client, { ...task, summary, recovery: { delayMs } });
    return { taskId, runId, delayMs, attempt, fromStep: checkpoint?.step ?? null };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw refused(taskId, 'was started again meanwhile', 'Nothing is left to do.');
  }
}

/** A record as the decision needs it: a run that said nothing counts as unknown. */
export function asFailedRun({ taskId, runId, runStatus, state, ...record }: TaskRecord): FailedRun {
  const { lastError } = state;
  const failure = lastError ?? failureOfCode('STEP_TIMEOUT', `the run ended as ${runStatus}`, state.step);
  return {
    taskId,
    runId,
    taskType: state.taskType,
    runStatus,
    failedAtMs: record.closedAtMs ?? record.startedAtMs,
    failure: {
      ...failure,
      category: lastError?.category ?? 'unknown',
      fingerprint: failure.fingerprint ?? '',
    },
    recoveryAttempts: state.recoveryAttempts,
    checkpointStep: state.checkpoint?.step ?? null,
  };
}

/** Where the new run goes on; null: at the start. @throws {RekindleError} INVALID_INPUT */
function checkpointFor(
  { taskId, state }: TaskRecord,
  { fromStart, fromStep }: Pick<RecoverRequest, 'fromStart' | 'fromStep'>,
): Checkpoint | null {
  if (fromStart) return null;
  const { checkpoint, taskType } = state;
  if (fromStep === undefined || fromStep === checkpoint?.step) return checkpoint;
  const steps = stepsOfType(taskType);
  // Only the type's own workflow knows its steps, and says so when it has no such one.
  if (!steps) return makeCheckpoint(fromStep, 0, {}, Date.now());
  const index = steps.indexOf(fromStep);
  if (index < 0) {
    throw new RekindleError('INVALID_INPUT', `a ${taskType} has no step ${fromStep}`, {
      hint: `Its steps are ${steps.join(', ')}.`,
    });
  }
  const reached = checkpoint ? steps.indexOf(checkpoint.step) : 0;
  if (index > reached) {
    throw new RekindleError('INVALID_INPUT', `task ${taskId} has not got as far as ${fromStep}`, {
      hint: `It can go on from ${steps.slice(0, reached + 1).join(', ')}.`,
    });
  }
  return makeCheckpoint(fromStep, index, {}, Date.now());
}

/** Only a failed task can be recovered. @throws {RekindleError} TASK_STATE */
export function requireFailed({ taskId, runStatus, state }: TaskRecord): void {
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
}

/** Why a task is not recovered without force. */
export function notAllowed({ taskId, state }: TaskRecord, reason: NotifyReason): RekindleError {
  const why =
    reason === 'not_recoverable'
      ? `failed with ${state.lastError?.category}, which another run would meet again`
      : `was recovered ${state.recoveryAttempts} times, the most that is allowed`;
  return refused(taskId, why, 'Remove the cause, then recover it with --force.');
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
