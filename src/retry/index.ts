/**
 * Retries for plain code, with the strategies that the steps of tasks have.
 *
 * ```ts
 * const page = await retry(() => fetchPage(url), { maxAttempts: 5 });
 * const fetchRetried = withRetry(fetchPage, { deadlineMs: 60_000 });
 * ```
 */
import { createRetryManager } from './manager.ts';

export { type FailedAttempt, NonRetryableError, RetryableError, RetryExhaustedError } from './errors.ts';
export { createRetryManager, type RetryManager, type RetryManagerOptions } from './manager.ts';
export type { RetryClock, RetryEvent, RetryOptions } from './options.ts';
export type { RetryStatistics, TypeStatistics } from './statistics.ts';

/** The manager that {@link retry}, {@link retrySync} and {@link withRetry} share. */
export const sharedRetryManager = createRetryManager();
/** Calls a function until it succeeds or must not be tried again. */
export const retry = sharedRetryManager.retry;
/** The same for a synchronous function; blocks the thread while it waits. */
export const retrySync = sharedRetryManager.retrySync;
/** Wraps a function so that each call of it is retried. */
export const withRetry = sharedRetryManager.withRetry;
