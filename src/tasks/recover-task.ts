import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { type Checkpoint, makeCheckpoint } from '../domain/checkpoint.ts';
import { RekindleError } from '../domain/error-codes.ts';
import type { FailedRun, RecoveryStrategy } from '../domain/failed-run.ts';
import type { FailureInfo } from '../domain/failure.ts';
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
import { type RecoveryHandlers, requireAgreement, requireSoundCheckpoint } from './may-go-on.ts';
import { decodeFirst } from './payloads.ts';
import { latestRun, startTask } from './start-task.ts';
import { failedRunOf, type Understanding } from './understand-run.ts';

/** How a failed task is to be recovered. */
export interface RecoverRequest extends RecoveryPolicies, WhereToGoOn {
  /** Whatever the category and the attempt limit say, and at once. @default false */
  readonly force?: boolean;
}

/** Where the new run goes on; at most one of these. */
export interface WhereToGoOn {
  /** Forget the checkpoint. @default false: go on from it */
  readonly fromStart?: boolean | undefined;
  /** Go on at this step, which is the checkpoint's or an earlier one. @default the checkpoint's */
  readonly fromStep?: string | undefined;
  /** Go on from this checkpoint, which is validated. @default the task's own */
  readonly checkpoint?: unknown;
}

/** What the decision about a recovery depends on beside the task. */
export interface RecoveryPolicies {
  /** `FAILURE_MAX_RECOVERY_ATTEMPTS`. @default the category's own maximum */
  readonly maxAttempts?: number | null;
  /** How the user wants categories handled, built-in ones or their own. */
  readonly ownRules?: Readonly<Record<string, RecoveryRule>>;
  /** By task type, instead of by category. */
  readonly strategies?: Readonly<Record<string, RecoveryStrategy>>;
  /** By task type: says whether a task can go on. Not asked when the recovery is forced. */
  readonly canRecover?: RecoveryHandlers;
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

/** A recovery that is allowed and has not been started. */
export interface RecoveryPlan {
  /** The task's latest run. */
  readonly record: TaskRecord;
  readonly decision: RecoverDecision;
  readonly checkpoint: Checkpoint | null;
  readonly started: StartedWith;
}

type RecoverDecision = Extract<RecoveryDecision, { action: 'recover' }>;

/**
 * Starts a new run of a failed task from its last checkpoint, after its category's delay.
 * @param understanding for a run that could not say why it failed. @default it counts as unknown
 * @throws {RekindleError} TASK_NOT_FOUND; TASK_STATE when the task runs, is completed, or may not be recovered (any more);
 *   INVALID_INPUT when it has no such step.
 */
export async function recoverTask(
  client: Client,
  taskId: string,
  request: RecoverRequest = {},
  understanding?: Understanding,
): Promise<ScheduledRecovery> {
  return await carryOut(client, await planRecovery(client, taskId, request, understanding));
}

/**
 * Looks at a task and decides how it would be recovered; starts nothing.
 * @throws {RekindleError} what {@link recoverTask} throws.
 */
async function planRecovery(
  client: Client,
  taskId: string,
  request: RecoverRequest = {},
  understanding?: Understanding,
): Promise<RecoveryPlan> {
  requireOnePlace(request);
  const latest = await latestRun(client, taskId);
  if (!latest) throw notFound(taskId);
  requireFailed(latest);
  const run = understanding ? await failedRunOf(client, latest, understanding) : asFailedRun(latest);
  const record = { ...latest, state: { ...latest.state, lastError: run.failure } };
  return await planFor(client, record, run, request);
}

/** The same for a task that was looked at already. */
export async function planFor(
  client: Client,
  record: TaskRecord,
  run: FailedRun,
  request: RecoverRequest,
): Promise<RecoveryPlan> {
  const force = request.force || replacesBadCheckpoint(run, request);
  const decision = decisionFor(run, { ...request, force });
  if (decision.action === 'notify') throw notAllowed(record, decision.reason);
  const started = await startedWith(client, record);
  const checkpoint = checkpointFor(record, started, request);
  if (!force) await requireAgreement(record, checkpoint, request.canRecover);
  return { record, decision, checkpoint, started };
}

/** A run that could not go on from its checkpoint meets nothing again when it gets another one. */
function replacesBadCheckpoint(
  { failure }: FailedRun,
  { fromStart, fromStep, checkpoint }: WhereToGoOn,
): boolean {
  return (
    isBadCheckpoint(failure) && (fromStart === true || fromStep !== undefined || checkpoint !== undefined)
  );
}

function isBadCheckpoint(failure: Pick<FailureInfo, 'errorType'> | null): boolean {
  return failure?.errorType === 'INVALID_CHECKPOINT';
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
 * Starts the run that a decision wants, from the last checkpoint.
 * @param record the task's latest run.
 * @throws {RekindleError} TASK_STATE when it was started again meanwhile, or its handler refuses; INVALID_INPUT,
 *   INVALID_CHECKPOINT. Who refused and why is the fact `refusal`.
 */
export async function startRecovery(
  client: Client,
  record: TaskRecord,
  decision: RecoverDecision,
  canRecover?: RecoveryHandlers,
): Promise<ScheduledRecovery> {
  const started = await startedWith(client, record);
  const checkpoint = checkpointFor(record, started, {});
  await requireAgreement(record, checkpoint, canRecover);
  return await carryOut(client, { record, decision, started, checkpoint });
}

/** Starts the run of a plan. @throws {RekindleError} TASK_STATE when it was started again meanwhile. */
export async function carryOut(
  client: Client,
  { record, decision, checkpoint, started }: RecoveryPlan,
): Promise<ScheduledRecovery> {
  const { taskId, state } = record;
  const { delayMs, attempt, strategy } = decision;
  const fromStep = checkpoint?.step ?? null;
  const note = noteOf(record, { delayMs, strategy, fromStep });
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
    return { taskId, runId, delayMs, attempt, fromStep };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw refused(taskId, 'was started again meanwhile', 'Nothing is left to do.');
  }
}

/** A record as the decision needs it: a run that said nothing counts as unknown. */
function asFailedRun({ taskId, runId, runStatus, state, ...record }: TaskRecord): FailedRun {
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

/**
 * Where the new run goes on; null: at the start.
 * @throws {RekindleError} INVALID_INPUT, TASK_STATE, INVALID_CHECKPOINT
 */
function checkpointFor(record: TaskRecord, { input }: StartedWith, where: WhereToGoOn): Checkpoint | null {
  const { taskId, state } = record;
  const { fromStart, fromStep, checkpoint: given } = where;
  if (fromStart) return null;
  if (given !== undefined) {
    requireSoundCheckpoint(record, given);
    return given;
  }
  // A run that ended before it took over its checkpoint has it in its input only.
  const checkpoint = state.checkpoint ?? input.checkpoint ?? null;
  if (fromStep === undefined) {
    if (checkpoint !== null) requireSoundCheckpoint(record, checkpoint);
    return checkpoint;
  }
  const bad = isBadCheckpoint(state.lastError);
  if (fromStep === checkpoint?.step && !bad) return checkpoint;
  const steps = stepsOfType(state.taskType);
  // Only the type's own workflow knows its steps, and says so when it has no such one.
  if (!steps) return makeCheckpoint(fromStep, 0, {}, Date.now());
  const index = steps.indexOf(fromStep);
  if (index < 0) {
    throw new RekindleError('INVALID_INPUT', `a ${state.taskType} has no step ${fromStep}`, {
      hint: `Its steps are ${steps.join(', ')}.`,
    });
  }
  // How far a task got whose checkpoint cannot be read, only a person knows.
  const reached = bad ? steps.length - 1 : Math.max(0, steps.indexOf(checkpoint?.step ?? ''));
  if (index > reached) {
    throw refused(
      taskId,
      `has not got as far as ${fromStep}`,
      `It can go on from ${steps.slice(0, reached + 1).join(', ')}.`,
    );
  }
  return makeCheckpoint(fromStep, index, {}, Date.now());
}

/**
 * The checkpoint that a task would go on from, as it is: it may be damaged. A run that ended before it took over its
 * checkpoint has it in its input only. @returns null: there is none.
 */
export async function checkpointOf(client: Client, record: TaskRecord): Promise<unknown> {
  if (record.state.checkpoint !== null || record.runStatus === 'RUNNING') return record.state.checkpoint;
  if (record.state.status === 'completed') return null;
  return (await startedWith(client, record)).input.checkpoint ?? null;
}

/** @throws {RekindleError} INVALID_INPUT when a request wants to go on from more than one place. */
export function requireOnePlace({ fromStart, fromStep, checkpoint }: WhereToGoOn): void {
  const places = [fromStart || undefined, fromStep, checkpoint].filter((one) => one !== undefined);
  if (places.length <= 1) return;
  throw new RekindleError(
    'INVALID_INPUT',
    'a task goes on from its start, a step or a checkpoint: from one',
    {
      hint: 'Leave the others out.',
    },
  );
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
function notAllowed({ taskId, state }: TaskRecord, reason: NotifyReason): RekindleError {
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

/** What a run was started with. */
interface StartedWith {
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: TaskInput<unknown>;
}

/** What the failed run was started with; only its first event is read. */
async function startedWith(client: Client, { taskId, runId }: TaskRecord): Promise<StartedWith> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: taskId, runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const input = await decodeFirst(client, taskId, started?.input?.payloads);
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

/** @returns the error for a task that never was. */
export function notFound(taskId: string): RekindleError {
  return new RekindleError('TASK_NOT_FOUND', `there is no task ${taskId}`, {
    hint: '`rekindle task list` shows the tasks there are.',
  });
}

function refused(taskId: string, why: string, hint: string): RekindleError {
  return new RekindleError('TASK_STATE', `task ${taskId} cannot be recovered: it ${why}`, { hint });
}
