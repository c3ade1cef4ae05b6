import type { FailureCategory } from './category.ts';
import { isPlainObject } from './json.ts';
import type { RetryErrorType } from './retry-policy.ts';

/** What an error means, and why we think so (SPEC section 3). */
export interface Classification {
  readonly category: FailureCategory;
  /** The strategy for retries inside the task; null: never retried. */
  readonly retryType: RetryErrorType | null;
  /** Id of the rule that decided, e.g. `code.ECONNRESET` or `text.network.timeout`. */
  readonly rule: string;
  /** 0–1: 1 for structure (a code, a status), less for words. */
  readonly confidence: number;
  /** One sentence that names the evidence the rule decided by. */
  readonly explanation: string;
  /** The server's Retry-After in ms, when it gave one. */
  readonly retryAfterMs?: number;
  /** What people should do, by locale, when the rule is the user's own and says so. */
  readonly suggestion?: Readonly<Record<string, string>>;
}

/** A failure as it is kept with the task: JSON, no secrets. */
export interface FailureInfo {
  readonly category: FailureCategory;
  readonly retryType: RetryErrorType | null;
  readonly rule: string;
  readonly confidence: number;
  readonly explanation: string;
  /** The error's own message, shortened and masked. */
  readonly message: string;
  /** The error's class or code. */
  readonly errorType: string;
  /** What the reader can do, when the error itself says so. */
  readonly hint: string | null;
  /** The step that failed; null when the task failed outside of one. */
  readonly step: string | null;
  /** Failed attempts of the step by kind of error, the last one included. */
  readonly attempts: Readonly<Partial<Record<RetryErrorType, number>>>;
  /** Groups failures whose messages differ in their values only; absent when the step never got to say anything. */
  readonly fingerprint?: string;
  /** What people should do, by locale, when the rule is the user's own and says so. */
  readonly suggestion?: Readonly<Record<string, string>>;
}

/** Whether something that a task says of itself is a failure as rekindle keeps it; a user's own workflow may say anything. */
export function isFailureInfo(value: unknown): value is FailureInfo {
  return (
    isPlainObject(value) &&
    ['category', 'rule', 'message'].every((key) => typeof value[key] === 'string') &&
    isPlainObject(value.attempts)
  );
}

/** Type of the `ApplicationFailure` with which a worker that stops gives a step back; it burns no budget. */
export const WORKER_STOPPING = 'worker_stopping';
/** Type of the failure with which a restarted worker fails the activities its predecessor left behind. */
export const WORKER_LOST = 'worker_lost';

/** Type of the failure of a step that waits for something outside; it burns no budget. */
export const WAITING = 'waiting';

/**
 * Something that a step relies on has failed, and it is known what that means: the step fails with the same words, and
 * is not tried again, since what it relies on was.
 */
export class KnownFailure extends Error {
  override readonly name = 'KnownFailure';
  readonly info: FailureInfo;

  constructor(info: FailureInfo) {
    super(info.message);
    this.info = info;
  }
}
