import type { Classification } from '../domain/failure.ts';
import {
  decideRetry,
  RETRY_ERROR_TYPES,
  type RetryBudget,
  type RetryErrorType,
  type RetryPolicy,
} from '../domain/retry-policy.ts';
import type { Classifier } from '../failures/index.ts';
import { type FailedAttempt, NonRetryableError, RetryableError, RetryExhaustedError } from './errors.ts';
import type { RetryClock, RetryOptions } from './options.ts';
import type { RetryCounters } from './statistics.ts';

/** What a run needs beside the call's options. */
export interface RunContext {
  readonly policy: RetryPolicy;
  readonly classifier: Classifier;
  readonly clock: RetryClock;
  readonly counters: RetryCounters;
}

/** One call with its retries: books failures and decides; the waiting is up to the form of the call. */
export class RetryRun {
  private readonly context: RunContext;
  private readonly options: RetryOptions;
  private readonly policy: RetryPolicy;
  private readonly startedAt: number;
  private readonly attempts: FailedAttempt[] = [];
  private budget: RetryBudget = {};
  private lastType: RetryErrorType | undefined;

  constructor(context: RunContext, options: RetryOptions) {
    this.context = context;
    this.options = options;
    this.policy = policyFor(context.policy, options);
    this.startedAt = context.clock.now();
    const { strategy, policy = {} } = options;
    context.counters.begin([...(strategy ? [strategy] : []), ...Object.values(policy)]);
  }

  /** The call returned. */
  succeeded(): void {
    this.context.counters.end('success', this.lastType, this.attempts.length + 1);
  }

  /** The call was ended from outside; no budget is spent. */
  aborted(): void {
    this.context.counters.end('gave_up', undefined, this.attempts.length);
  }

  /**
   * The call threw.
   * @returns the wait before the next call, in ms.
   * @throws {RetryExhaustedError} when there is none; the error itself, when it is the first and must not be retried.
   */
  failed(error: unknown): number {
    const classification = this.context.classifier.classify(error);
    const type = this.typeOf(error, classification);
    if (type === null) return this.giveUp(error, null);
    this.lastType = type;
    this.context.counters.failed(type);
    const decision = decideRetry(this.policy, type, this.budget, {
      retryAfterMs: retryAfterOf(error) ?? classification.retryAfterMs,
      timeLeftMs: this.timeLeftMs(),
      random: this.context.clock.random,
    });
    this.budget = decision.budget;
    const attempt = this.attempts.length + 1;
    const usedUp = this.options.maxAttempts !== undefined && attempt >= this.options.maxAttempts;
    if (!decision.retry || usedUp) return this.giveUp(error, type);
    this.attempts.push({ attempt, error, type, delayMs: decision.delayMs });
    this.tell(error, type, decision.delayMs);
    return decision.delayMs;
  }

  private tell(error: unknown, type: RetryErrorType, delayMs: number): void {
    try {
      this.options.onRetry?.({ attempt: this.attempts.length, error, type, delayMs });
    } catch (thrown) {
      this.aborted();
      throw thrown;
    }
  }

  /** The kind whose budget the error spends; null: it must not be retried. */
  private typeOf(error: unknown, classification: Classification): RetryErrorType | null {
    if (error instanceof NonRetryableError || isAbort(error)) return null;
    const wish = this.options.shouldRetry?.(error, classification);
    if (wish === false) return null;
    if (error instanceof RetryableError) return error.retryType;
    return classification.retryType ?? (wish === true ? 'unknown_error' : null);
  }

  private timeLeftMs(): number | undefined {
    const { deadlineMs } = this.options;
    return deadlineMs === undefined ? undefined : deadlineMs - (this.context.clock.now() - this.startedAt);
  }

  private giveUp(error: unknown, type: RetryErrorType | null): never {
    this.attempts.push({ attempt: this.attempts.length + 1, error, type, delayMs: null });
    this.context.counters.end('gave_up', type ?? this.lastType, this.attempts.length);
    if (type === null && this.attempts.length === 1) throw error;
    throw new RetryExhaustedError(this.attempts);
  }
}

const retryAfterOf = (error: unknown): number | undefined =>
  error instanceof RetryableError ? error.retryAfterMs : undefined;

/** Whether somebody wanted the call to end; that is no failure. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The policy of one call: the manager's, then the call's own strategies, then `maxAttempts`. */
function policyFor(base: RetryPolicy, { strategy, policy, maxAttempts }: RetryOptions): RetryPolicy {
  if (!strategy && !policy && maxAttempts === undefined) return base;
  const entries = RETRY_ERROR_TYPES.map((type) => {
    const chosen = policy?.[type] ?? strategy ?? base[type];
    return [type, maxAttempts === undefined ? chosen : { ...chosen, maxAttempts }] as const;
  });
  return Object.fromEntries(entries) as Record<RetryErrorType, RetryPolicy[RetryErrorType]>;
}
