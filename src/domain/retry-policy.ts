import { type Backoff, backoffDelayMs } from './backoff.ts';

/** The kinds of error that a retry inside a task tells apart (SPEC section 2). */
export const RETRY_ERROR_TYPES = [
  'network_error',
  'auth_error',
  'system_error',
  'rate_limit_error',
  'temporary_error',
  'unknown_error',
] as const;

/** What kind of error a step met: it decides how the step is tried again. */
export type RetryErrorType = (typeof RETRY_ERROR_TYPES)[number];

/** How often and after which delays one kind of error is tried again. */
export interface RetryStrategy extends Backoff {
  /** Attempts in all, the first one included. */
  readonly maxAttempts: number;
}

/** A strategy for every kind of error. */
export type RetryPolicy = Readonly<Record<RetryErrorType, RetryStrategy>>;

const SECOND = 1000;
const exponential = { backoffType: 'exponential', exponentialBase: 2, jitter: true } as const;

/** The table of SPEC section 2. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  network_error: { ...exponential, maxAttempts: 5, baseDelayMs: 1 * SECOND, maxDelayMs: 60 * SECOND },
  rate_limit_error: {
    ...exponential,
    exponentialBase: 1.2,
    maxAttempts: 10,
    baseDelayMs: 30 * SECOND,
    maxDelayMs: 300 * SECOND,
  },
  auth_error: { ...exponential, maxAttempts: 3, baseDelayMs: 5 * SECOND, maxDelayMs: 30 * SECOND },
  system_error: { ...exponential, maxAttempts: 3, baseDelayMs: 10 * SECOND, maxDelayMs: 120 * SECOND },
  temporary_error: { ...exponential, maxAttempts: 5, baseDelayMs: 2 * SECOND, maxDelayMs: 60 * SECOND },
  unknown_error: { ...exponential, maxAttempts: 3, baseDelayMs: 1 * SECOND, maxDelayMs: 30 * SECOND },
};

/** How many attempts have failed so far with each kind of error. Each kind spends its own budget only. */
export type RetryBudget = Readonly<Partial<Record<RetryErrorType, number>>>;

/** What is to be done after an attempt failed. */
export type RetryDecision =
  | { readonly retry: true; readonly delayMs: number; readonly budget: RetryBudget }
  | { readonly retry: false; readonly budget: RetryBudget };

/** What a decision may take into account beside the error's kind. */
export interface RetryHints {
  /** The server's `Retry-After`, in ms: wins over the computed delay. */
  readonly retryAfterMs?: number | undefined;
  /** Time left until the task must be done, in ms: no delay may reach past it. */
  readonly timeLeftMs?: number | undefined;
  /** A number in [0, 1) for jitter. @default Math.random */
  readonly random?: () => number;
}

/**
 * Decides what follows a failed attempt, and books it to the budget of its kind.
 * @param spent the budget before this failure.
 */
export function decideRetry(
  policy: RetryPolicy,
  type: RetryErrorType,
  spent: RetryBudget,
  hints: RetryHints = {},
): RetryDecision {
  const strategy = policy[type];
  const failures = (spent[type] ?? 0) + 1;
  const budget = { ...spent, [type]: failures };
  if (failures >= strategy.maxAttempts) return { retry: false, budget };
  const delayMs = hints.retryAfterMs ?? backoffDelayMs(strategy, failures, hints.random);
  if (hints.timeLeftMs !== undefined && delayMs >= hints.timeLeftMs) return { retry: false, budget };
  return { retry: true, delayMs, budget };
}
