/** Turns whatever ended a run into the one failure that lists, reports and recovery work with. */
import { TimeoutType } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { FailureInfo } from '../domain/failure.ts';
import { failureOfCode } from '../domain/failure-of-code.ts';
import { isPlainObject } from '../domain/json.ts';
import type { TaskState } from '../domain/task-state.ts';

/** What is known of the failure that ended a run. */
export function failureInfoOf(error: unknown, step: string | null): FailureInfo {
  const causes = [...chainOf(error)];
  for (const cause of causes) {
    const info = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
    if (isFailureInfo(info)) return { ...info, step };
    if (cause instanceof TimeoutFailure) return timeoutInfo(cause, step);
  }
  const innermost = causes.at(-1) ?? error;
  return {
    category: 'unknown',
    retryType: 'unknown_error',
    rule: 'workflow',
    explanation: 'The failure carries no evidence of its kind.',
    message: messageOf(innermost),
    errorType: innermost instanceof Error ? innermost.name : typeof innermost,
    step,
    confidence: 1,
    hint: null,
    attempts: {},
  };
}

/** What a cancelled task keeps as its last error. */
export function cancelledInfo(step: string | null): FailureInfo {
  return {
    ...failureOfCode('TASK_STATE', 'cancelled by a user', step),
    category: 'unrecoverable_business',
    rule: 'cancelled',
    errorType: 'Cancelled',
  };
}

/**
 * Whether a step ended because it was asked to. A step that fails, or loses its worker, after that was asked and
 * before it heard of it is not tried again by the server, which then says so.
 */
export function isStopped(error: unknown): boolean {
  return (
    isCancellation(error) || (error instanceof ActivityFailure && error.retryState === 'CANCEL_REQUESTED')
  );
}

/** A run of this task cannot go on from the checkpoint that it was given. */
export function invalidCheckpoint(message: string, taskId: string): ApplicationFailure {
  const info = {
    ...failureOfCode('INVALID_CHECKPOINT', message, null),
    hint: `\`rekindle recover ${taskId} --from-start\` starts it over; with \`--from-step STEP\` it goes on at a step of your choice; \`rekindle task checkpoint show ${taskId}\` says what is wrong with it, and \`… set\` repairs it.`,
  };
  return ApplicationFailure.create({ message, type: info.category, nonRetryable: true, details: [info] });
}

/**
 * The failure to close the run with: type = category, details = {@link FailureInfo}. Retrying the run is
 * recovery's business, so it is never retried by Temporal. A cancellation passes unchanged.
 */
export function finalFailure(error: unknown, state: TaskState): unknown {
  if (isCancellation(error) || !state.lastError) return error;
  if (isStopped(error)) return new CancelledFailure('cancelled', [], error as Error);
  return ApplicationFailure.create({
    message: state.lastError.message,
    type: state.lastError.category,
    nonRetryable: true,
    details: [state.lastError],
    ...(error instanceof Error ? { cause: error } : {}),
  });
}

/** Timeouts and lost workers never reach the interceptor, so they are given their meaning here. */
function timeoutInfo(failure: TimeoutFailure, step: string | null): FailureInfo {
  const lost = failure.timeoutType === TimeoutType.HEARTBEAT;
  const code = lost ? 'WORKER_LOST' : 'STEP_TIMEOUT';
  return failureOfCode(
    code,
    lost ? 'the worker stopped answering' : `the step timed out (${failure.timeoutType})`,
    step,
  );
}

function isFailureInfo(value: unknown): value is FailureInfo {
  return isPlainObject(value) && typeof value.category === 'string' && isPlainObject(value.attempts);
}

/** The error and its causes: activity and child failures only wrap what happened. */
function* chainOf(error: unknown): Generator<Error> {
  for (let cause = error; cause instanceof Error; cause = cause.cause) yield cause;
}

function messageOf(value: unknown): string {
  return value instanceof Error ? value.message : String(value);
}
