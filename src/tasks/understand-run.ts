import type { Client } from '@temporalio/client';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { FailedRun } from '../domain/failed-run.ts';
import type { Classification, FailureInfo } from '../domain/failure.ts';
import { failureOfCode } from '../domain/failure-of-code.ts';
import { isPlainObject } from '../domain/json.ts';
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

/** What the run wrote to its memo; the mirror's reading of it marks a run that wrote nothing by this rule. */
function saidByItself({ state: { lastError } }: TaskRecord): FailureInfo | undefined {
  return lastError && !lastError.rule.startsWith('run.') ? lastError : undefined;
}

/** Understands a run from its last event: it was ended from outside, or failed in code that writes no memo. */
async function understandClose(
  client: Client,
  record: TaskRecord,
  understanding: Understanding,
): Promise<FailureInfo> {
  const { step, taskType } = record.state;
  const last = await lastEvent(client, record);
  const failure = last?.workflowExecutionFailedEventAttributes?.failure;
  if (failure) {
    const error = await decodeOptionalFailureToOptionalError(client.options.loadedDataConverter, failure);
    return infoInside(error) ?? classified(error, understanding, taskType, step);
  }
  const terminated = last?.workflowExecutionTerminatedEventAttributes;
  if (terminated) return understandTermination(terminated.reason ?? '', understanding, taskType, step);
  return failureOfCode('STEP_TIMEOUT', `the run ended as ${record.runStatus}`, step);
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
const UNKNOWN = {
  category: 'unknown',
  retryType: 'unknown_error',
  rule: 'run.TERMINATED',
  confidence: 1,
  explanation: 'The run was ended by the server or by an operator before it could say why.',
} as const;

/** Words with which the server ends a run that has outgrown its limits: the next run would do so too. */
const OUTGROWN = /history (?:size|count|length)[^.]*exceeds?|exceeds[^.]*(?:size|count) limit/i;

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
  const read = said.confidence >= CONVINCING ? said : { ...said, ...UNKNOWN };
  const message = reason === '' ? 'the run was terminated' : `the run was terminated: ${read.message}`;
  const info = { ...read, message, errorType: 'TERMINATED' };
  if (!OUTGROWN.test(reason)) return info;
  return {
    ...info,
    category: 'unrecoverable_config',
    retryType: null,
    rule: 'run.outgrown',
    confidence: 1,
    explanation: 'The run outgrew a limit of the Temporal server; another run would, too.',
  };
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
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const details: unknown = (cause as { details?: readonly unknown[] }).details?.[0];
    if (isPlainObject(details) && typeof details.category === 'string' && isPlainObject(details.attempts))
      return details as unknown as FailureInfo;
  }
  return undefined;
}
