import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { ERROR_CODES, isRekindleError, RekindleError } from '../domain/error-codes.ts';
import {
  type Classification,
  type FailureInfo,
  KnownFailure,
  WAITING,
  WORKER_STOPPING,
} from '../domain/failure.ts';
import type { RetryPolicy } from '../domain/retry-policy.ts';
import { StepWaits } from '../domain/step.ts';
import { maskText } from '../secrets/mask-text.ts';
import type { AttemptLedger } from './attempt-ledger.ts';

/** What {@link toFailure} decides with. */
export interface FailureDeps {
  readonly policy: RetryPolicy;
  readonly classify: (error: unknown, options: { readonly taskType: string }) => Classification;
  /** One line of an error's message; secrets are masked here. */
  readonly shortMessage: (error: unknown) => string;
  /** Groups messages that differ in their values only. */
  readonly fingerprint: (message: string) => string;
}

/**
 * How often a step may lose its worker without getting any further before it is taken to be the step that kills it (out
 * of memory, a crash in native code). Lost workers burn no budget, so without this bound it would go round for ever.
 */
export const MAX_LOST_ATTEMPTS = 50;

/** A worker that stops gives its steps back at once; zero would mean "not set" to the server. */
const GIVE_BACK_DELAY_MS = 1;

/** Raises WORKER_LOST when this step has lost its worker too often. */
export function refuseEndlessCrashes(ledger: AttemptLedger): void {
  if (ledger.lostAttempts <= MAX_LOST_ATTEMPTS) return;
  throw new RekindleError(
    'WORKER_LOST',
    `the worker ended ${ledger.lostAttempts} times in this step, which got no further`,
    {
      hint: 'Look for what ends the worker (memory, a crash in native code) before starting the task again.',
    },
  );
}

/**
 * Turns what a step threw into the one failure that Temporal sees: type = retry error type, details = what was
 * understood, and the next delay, or final when that type's own budget is spent. Cancellation passes unchanged.
 */
export function toFailure(
  error: unknown,
  context: Context,
  ledger: AttemptLedger,
  deps: FailureDeps,
): unknown {
  const { cancellationSignal: signal } = context;
  if (signal.aborted) return givenBack(signal.reason) ?? signal.reason;
  if (error instanceof CancelledFailure) return error;
  if (error instanceof KnownFailure) return known(error, deps);
  if (error instanceof StepWaits) {
    if (ledger.wait() < error.limitMs) return waiting(error);
    return toFailure(error.cause, context, ledger, deps);
  }
  const classified = deps.classify(error, { taskType: taskTypeOf(context) });
  const { retryType } = classified;
  if (retryType === null || isRekindleError(error, 'WORKER_LOST'))
    return final(error, classified, ledger, deps);
  const decision = ledger.fail(deps.policy, retryType, {
    retryAfterMs: classified.retryAfterMs,
    timeLeftMs: timeLeftMs(context),
  });
  if (!decision.retry) return final(error, classified, ledger, deps);
  return ApplicationFailure.create({
    message: messageOf(error, deps),
    type: retryType,
    nextRetryDelay: Math.max(1, decision.delayMs),
    details: [failureInfo(error, classified, ledger, deps)],
  });
}

/** Workflow types are named as their functions are (`videoDownload`), task types as documented (`video_download`). */
function taskTypeOf({ info }: Context): string {
  return (info.workflowType ?? '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function final(error: unknown, classified: Classification, ledger: AttemptLedger, deps: FailureDeps) {
  return ApplicationFailure.create({
    message: messageOf(error, deps),
    type: classified.retryType ?? classified.category,
    nonRetryable: true,
    details: [failureInfo(error, classified, ledger, deps)],
  });
}

function known({ info }: KnownFailure, deps: FailureDeps): ApplicationFailure {
  const details = { ...info, step: null, fingerprint: info.fingerprint ?? deps.fingerprint(info.message) };
  return ApplicationFailure.create({
    message: info.message,
    type: info.retryType ?? info.category,
    nonRetryable: true,
    details: [details],
  });
}

function waiting({ message, delayMs }: StepWaits): ApplicationFailure {
  return ApplicationFailure.create({
    message: maskText(message),
    type: WAITING,
    nextRetryDelay: Math.max(1, delayMs),
  });
}

function failureInfo(
  error: unknown,
  { category, retryType, rule, confidence, explanation, suggestion }: Classification,
  ledger: AttemptLedger,
  deps: FailureDeps,
): FailureInfo {
  const message = messageOf(error, deps);
  return {
    category,
    retryType,
    rule,
    confidence,
    explanation: maskText(explanation),
    message,
    errorType: errorType(error),
    hint: isRekindleError(error) ? (error.hint ?? null) : null,
    step: null,
    attempts: ledger.beat.budget,
    fingerprint: deps.fingerprint(message),
    ...(suggestion ? { suggestion } : {}),
  };
}

function messageOf(error: unknown, deps: FailureDeps): string {
  return maskText(deps.shortMessage(error));
}

function errorType(error: unknown): string {
  if (isRekindleError(error) && error.code in ERROR_CODES) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

/** The SDK cancels running activities when its worker shuts down; that is a hand-over, not an error. */
function givenBack(reason: unknown): ApplicationFailure | undefined {
  const stopping = reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN';
  if (!stopping) return undefined;
  return ApplicationFailure.create({
    message: 'the worker is stopping; the step goes on with another one',
    type: WORKER_STOPPING,
    nextRetryDelay: GIVE_BACK_DELAY_MS,
  });
}

/** Until the step's own deadline, in ms; undefined when it has none. */
function timeLeftMs(context: Context): number | undefined {
  const { scheduleToCloseTimeoutMs, scheduledTimestampMs } = context.info;
  if (!scheduleToCloseTimeoutMs) return undefined;
  return scheduledTimestampMs + scheduleToCloseTimeoutMs - Date.now();
}
