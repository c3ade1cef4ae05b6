import { DEFAULT_RETRY_POLICY, type RetryPolicy } from '../domain/retry-policy.ts';
import { type Classifier, createClassifier } from '../failures/index.ts';
import { checkOptions, type RetryClock, type RetryOptions, SYSTEM_CLOCK } from './options.ts';
import { RetryRun } from './run.ts';
import { RetryCounters, type RetryStatistics } from './statistics.ts';

/** Retries for code outside of workflows, with the strategies that steps have. */
export interface RetryManager {
  /**
   * Calls `fn` until it succeeds or must not be tried again.
   * @throws {RetryExhaustedError} with the error of every attempt.
   * @throws the error itself, when the first one must not be retried; the signal's reason, when it is aborted.
   * @throws {RangeError} on options that make no sense.
   */
  retry<T>(fn: (attempt: number) => T | PromiseLike<T>, options?: RetryOptions): Promise<T>;
  /**
   * The same for a synchronous function. **It blocks the thread** while it waits (`Atomics.wait`): timers, requests
   * and everything else stand still, so use it in scripts and worker threads only. `signal` is looked at between
   * attempts only.
   */
  retrySync<T>(fn: (attempt: number) => T, options?: RetryOptions): T;
  /** Wraps a function so that each call of it is retried; `this`, arguments and result keep their types. */
  withRetry<This, Args extends unknown[], T>(
    fn: (this: This, ...args: Args) => T | PromiseLike<T>,
    options?: RetryOptions,
  ): (this: This, ...args: Args) => Promise<T>;
  /** Counts since the manager was made. */
  statistics(): RetryStatistics;
}

/** What a manager is made of. */
export interface RetryManagerOptions {
  /** Strategies for single kinds of error, over the documented ones. @default the documented table */
  readonly policy?: Partial<RetryPolicy>;
  /** @default the built-in rules */
  readonly classifier?: Classifier;
  /** @default the real time */
  readonly clock?: Partial<RetryClock>;
}

/** Makes a manager with strategies, rules and statistics of its own. */
export function createRetryManager(options: RetryManagerOptions = {}): RetryManager {
  const clock = { ...SYSTEM_CLOCK, ...options.clock };
  const policy = { ...DEFAULT_RETRY_POLICY, ...options.policy };
  const counters = new RetryCounters(Object.values(policy));
  const context = {
    policy,
    classifier: options.classifier ?? createClassifier(),
    clock,
    counters,
  };
  const start = (callOptions: RetryOptions): RetryRun => {
    checkOptions(callOptions);
    callOptions.signal?.throwIfAborted();
    return new RetryRun(context, callOptions);
  };
  const manager: RetryManager = {
    retry: async (fn, callOptions = {}) => runAsync(start(callOptions), fn, clock, callOptions.signal),
    retrySync: (fn, callOptions = {}) => runSync(start(callOptions), fn, clock, callOptions.signal),
    withRetry: (fn, callOptions) =>
      function retried(...args) {
        return manager.retry(() => fn.apply(this, args), callOptions);
      },
    statistics: () => counters.read(),
  };
  return manager;
}

async function runAsync<T>(
  run: RetryRun,
  fn: (attempt: number) => T | PromiseLike<T>,
  clock: RetryClock,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    let delayMs: number;
    try {
      const value = await fn(attempt);
      run.succeeded();
      return value;
    } catch (error) {
      throwIfAborted(run, signal);
      delayMs = run.failed(error);
    }
    try {
      await clock.sleep(delayMs, signal);
    } catch (reason) {
      run.aborted();
      throw reason;
    }
  }
}

function runSync<T>(
  run: RetryRun,
  fn: (attempt: number) => T,
  clock: RetryClock,
  signal: AbortSignal | undefined,
): T {
  for (let attempt = 1; ; attempt++) {
    try {
      const value = fn(attempt);
      run.succeeded();
      return value;
    } catch (error) {
      throwIfAborted(run, signal);
      clock.sleepSync(run.failed(error));
    }
    throwIfAborted(run, signal);
  }
}

function throwIfAborted(run: RetryRun, signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  run.aborted();
  signal.throwIfAborted();
}
