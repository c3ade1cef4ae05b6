/** Recovering one task: the decision, what the new run is started with, and its start. */
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Checkpoint } from '../domain/checkpoint.ts';
import type { FailedRun, RecoveryStrategy } from '../domain/failed-run.ts';
import { failureOfCode } from '../domain/failure-of-code.ts';
import { decideRecovery, type RecoveryDecision, type RecoveryRule } from '../domain/recovery-policy.ts';
import type { TaskRecord } from '../domain/task-record.ts';
import type { RecoveryNote, TaskInput } from '../domain/task-state.ts';
import { type RecoveryHandlers, requireAgreement } from './may-go-on.ts';
import { notAllowed, notFound, refused, requireFailed } from './recovery-refusals.ts';
import { latestRun, startTask } from './start-task.ts';
import { type StartedWith, startedWith } from './started-with.ts';
import { failedRunOf, type Understanding } from './understand-run.ts';
import { checkpointFor, isBadCheckpoint, requireOnePlace, type WhereToGoOn } from './where-to-go-on.ts';

/** How a failed task is to be recovered. */
export interface RecoverRequest extends RecoveryPolicies, WhereToGoOn {
  /** Whatever the category and the attempt limit say, and at once. @default false */
  readonly force?: boolean;
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
