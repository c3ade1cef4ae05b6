import type { RetryErrorType } from '../domain/retry-policy.ts';

/** Thrown by a function to say that, and as what, its failure is to be retried. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
  readonly retryType: RetryErrorType;
  /** The wait that the other side asked for, in ms; wins over the computed delay. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    retryType: RetryErrorType = 'unknown_error',
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryType = retryType;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Thrown by a function to say that its failure must not be retried. */
export class NonRetryableError extends Error {
  override readonly name = 'NonRetryableError';
}

/** One failed call. */
export interface FailedAttempt {
  /** 1 for the first call. */
  readonly attempt: number;
  readonly error: unknown;
  /** The budget it was booked to; null: it is never retried. */
  readonly type: RetryErrorType | null;
  /** Wait after it, in ms; null: it was the last one. */
  readonly delayMs: number | null;
}

/** Retrying was given up. `cause` is the last error; `attempts` has the error of every call. */
export class RetryExhaustedError extends Error {
  override readonly name = 'RetryExhaustedError';
  readonly attempts: readonly FailedAttempt[];

  constructor(attempts: readonly FailedAttempt[]) {
    const last = attempts.at(-1)?.error;
    const times = attempts.length === 1 ? 'once' : `${attempts.length} times`;
    super(`gave up after trying ${times}: ${last instanceof Error ? last.message : String(last)}`, {
      cause: last,
    });
    this.attempts = attempts;
  }
}
