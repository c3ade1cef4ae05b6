import { setTimeout as delay } from 'node:timers/promises';
import type { Classification } from '../domain/failure.ts';
import type { RetryErrorType, RetryPolicy, RetryStrategy } from '../domain/retry-policy.ts';

/** What is told before each retry. */
export interface RetryEvent {
  /** Calls so far. */
  readonly attempt: number;
  readonly error: unknown;
  readonly type: RetryErrorType;
  /** Wait before the next call, in ms. */
  readonly delayMs: number;
}

/** How a call is retried. */
export interface RetryOptions {
  /** Calls in all, whatever their errors, and the maximum of each kind of error. @default the policy's, for each kind */
  readonly maxAttempts?: number;
  /** One strategy for every kind of error. @default the policy's */
  readonly strategy?: RetryStrategy;
  /** Strategies for single kinds of error, over those of the manager. */
  readonly policy?: Partial<RetryPolicy>;
  /** Ends the waiting and the retrying: its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Ms from the first call on; no wait reaches past it. @default no limit */
  readonly deadlineMs?: number;
  /**
   * Has a say before the classification: false stops at once, true retries also what would not be retried (as
   * `unknown_error`), undefined leaves it to the classification.
   */
  readonly shouldRetry?: (error: unknown, classification: Classification) => boolean | undefined;
  /** Called before each wait. What it throws ends the retrying. */
  readonly onRetry?: (event: RetryEvent) => void;
}

/** Time and chance; tests bring their own. */
export interface RetryClock {
  /** Ms; only differences count. */
  now(): number;
  /** Waits `ms`. @throws the signal's reason when it is aborted meanwhile. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** Blocks the thread for `ms`. */
  sleepSync(ms: number): void;
  /** A number in [0, 1), for jitter. */
  random(): number;
}

/** The real time. */
export const SYSTEM_CLOCK: RetryClock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal && { signal });
    } catch (error) {
      // Node wraps the reason into an AbortError of its own.
      signal?.throwIfAborted();
      throw error;
    }
  },
  sleepSync: (ms) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  },
  random: Math.random,
};

/** @throws {RangeError} on options that make no sense, naming the option. */
export function checkOptions({ maxAttempts, deadlineMs }: RetryOptions): void {
  if (maxAttempts !== undefined && !(Number.isInteger(maxAttempts) && maxAttempts >= 1)) {
    throw new RangeError(`maxAttempts is ${maxAttempts}; it must be a whole number from 1 on`);
  }
  if (deadlineMs !== undefined && !(deadlineMs >= 0)) {
    throw new RangeError(`deadlineMs is ${deadlineMs}; it must be a number of milliseconds from 0 on`);
  }
}
