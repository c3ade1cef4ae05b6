import type { Client } from '@temporalio/client';
import { ServerFailure, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { FailedRun } from '../domain/failed-run.ts';
import { type Classification, type FailureInfo, isFailureInfo } from '../domain/failure.ts';
import { failureOfCode } from '../domain/failure-of-code.ts';
import type { TaskRecord } from '../domain/task-record.ts';

/** How a failure is understood that the run itself did not explain. */
export interface Understanding {
  readonly classify: (error: unknown, options: { readonly taskType: string }) => Classification;
  /** One line of an error's message, without secrets. */
  readonly shortMessage: (error: unknown) => string;
  /** Groups messages that differ in their values only. */
  readonly fingerprint: (message: string) => string;
}

/** A failed run with what its failure means, whether it said so itself or not. */
export async function failedRunOf(
  client: Client,
  record: TaskRecord,
  understanding: Understanding,
): Promise<FailedRun> {
  const { state } = record;
  const info = saidByItself(record) ?? (await understandClose(client, record, understanding));
  return {
    taskId: record.taskId,
    runId: record.runId,
    taskType: state.taskType,
    runStatus: record.runStatus,
    failedAtMs: record.closedAtMs ?? record.startedAtMs,
    failure: { ...info, fingerprint: info.fingerprint ?? understanding.fingerprint(info.message) },
    recoveryAttempts: state.recoveryAttempts,
    checkpointStep: state.checkpoint?.step ?? null,
  };
}

/**
 * What the run wrote to its memo, which may be anything in a user's own workflow. A run that wrote nothing is marked by
 * its rule when its record is read.
 */
function saidByItself({ state: { lastError } }: TaskRecord): FailureInfo | undefined {
  const said = isFailureInfo(lastError) && !lastError.rule.startsWith('run.');
  return said ? lastError : undefined;
}

/** Understands a run from its last event: it was ended from outside, or failed in code that writes no memo. */
async function understandClose(
  client: Client,
  record: TaskRecord,
  understanding: Understanding,
): Promise<FailureInfo> {
  const { step, taskType } = record.state;
  if (record.runStatus === 'CANCELLED') return cancelled(step);
  const last = await lastEvent(client, record);
  const failure = last?.workflowExecutionFailedEventAttributes?.failure;
  if (failure) {
    const { loadedDataConverter, namespace } = client.options;
    const context = { type: 'workflow', namespace, workflowId: record.taskId } as const;
    const error = await decodeOptionalFailureToOptionalError(loadedDataConverter, failure, context);
    return (
      infoInside(error) ??
      outgrown(error) ??
      timeoutInside(error, step) ??
      classified(error, understanding, taskType, step)
    );
  }
  const terminated = last?.workflowExecutionTerminatedEventAttributes;
  if (terminated) return understandTermination(terminated.reason ?? '', understanding, taskType, step);
  return failureOfCode('STEP_TIMEOUT', `the run ended as ${record.runStatus}`, step);
}

/** Somebody wanted its end, so no recovery is due. */
function cancelled(step: string | null): FailureInfo {
  const info = failureOfCode('TASK_STATE', 'cancelled by a user', step);
  return { ...info, rule: 'cancelled', errorType: 'Cancelled' };
}

async function lastEvent(client: Client, { taskId, runId }: TaskRecord) {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId: taskId, runId },
    maximumPageSize: 1,
  });
  return history?.events?.[0];
}

/** A reason is free text: what it only hints at does not count. */
const CONVINCING = 0.7;
/** What the server, its tools and its web pages write when the person gave no reason. */
const BOILERPLATE =
  /^(?:|terminated by user via \w+|terminated from the web ui|requested from (?:cli|web ui) by .*|by parent close policy)\.?$/i;
const UNKNOWN = {
  category: 'unknown',
  retryType: 'unknown_error',
  rule: 'run.TERMINATED',
  confidence: 1,
  explanation: 'The run was ended by the server or by an operator before it could say why.',
} as const;

/**
 * Words with which the server ends a run that has outgrown one of its limits (its history's length or size, a payload,
 * its state, one transaction), by terminating or by failing it.
 */
const OUTGROWN =
  /(?:history (?:size|count|length)|(?:mutable state|transaction) size)[^.]*exceeds?|exceeds[^.]*(?:size|count) limit/i;

/**
 * An operator who terminates a run may say why; that is read as any other message. Without a word of meaning it is
 * `unknown`: tried once more, and then people look at it. Whoever wants a task to end for good cancels it.
 */
function understandTermination(
  reason: string,
  understanding: Understanding,
  taskType: string,
  step: string | null,
): FailureInfo {
  // Only the reason is read: `terminated` itself is a word that means something elsewhere.
  const said = classified(new Error(reason), understanding, taskType, step);
  const convincing = !BOILERPLATE.test(reason) && said.confidence >= CONVINCING;
  const read = convincing ? said : { ...said, ...UNKNOWN };
  const message = reason === '' ? 'the run was terminated' : `the run was terminated: ${read.message}`;
  const info = { ...read, message, errorType: 'TERMINATED' };
  return OUTGROWN.test(reason) ? { ...info, ...TOO_LARGE } : info;
}

/**
 * A new run would begin with an empty history, but its workflow writes as much of it again: until somebody changes
 * the workflow (continue as new, smaller data) or the server's limits, each run dies of the same. So it is no case for
 * recovery; after the change `recover --force` goes on from the checkpoint.
 */
const TOO_LARGE = {
  category: 'unrecoverable_config',
  retryType: null,
  rule: 'run.outgrown',
  confidence: 1,
  explanation: 'The run outgrew a limit of the Temporal server; another run would, too.',
} as const;

/** The server fails a run, too, when a result or an input is larger than it takes. */
function outgrown(error: unknown): FailureInfo | undefined {
  const server = chainOf(error).find((cause) => cause instanceof ServerFailure);
  if (!server || !OUTGROWN.test(server.message)) return undefined;
  return {
    ...TOO_LARGE,
    message: server.message,
    errorType: server.name,
    hint: null,
    step: null,
    attempts: {},
  };
}

/** A timeout of Temporal's says by its kind what it means, not by its words. */
function timeoutInside(error: unknown, step: string | null): FailureInfo | undefined {
  const timeout = chainOf(error).find((cause) => cause instanceof TimeoutFailure);
  if (!timeout) return undefined;
  const lost = timeout.timeoutType === TimeoutType.HEARTBEAT;
  return failureOfCode(lost ? 'WORKER_LOST' : 'STEP_TIMEOUT', timeout.message, step);
}

function classified(
  error: unknown,
  { classify, shortMessage }: Understanding,
  taskType: string,
  step: string | null,
): FailureInfo {
  const { category, retryType, rule, confidence, explanation } = classify(error, { taskType });
  return {
    category,
    retryType,
    rule,
    confidence,
    explanation,
    message: shortMessage(error),
    errorType: error instanceof Error ? error.name : typeof error,
    hint: null,
    step,
    attempts: {},
  };
}

/** The failure that our own workflows close with carries its meaning; its memo may have been too late. */
function infoInside(error: unknown): FailureInfo | undefined {
  for (const cause of chainOf(error)) {
    const details: unknown = (cause as { details?: readonly unknown[] }).details?.[0];
    if (isFailureInfo(details)) return details;
  }
  return undefined;
}

/** The error and its causes: failures of activities and children only wrap what happened. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) chain.push(cause);
  return chain;
}
