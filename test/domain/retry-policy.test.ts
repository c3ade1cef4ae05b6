import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_RETRY_POLICY,
  decideRetry,
  RETRY_ERROR_TYPES,
  type RetryBudget,
} from '../../src/domain/retry-policy.ts';

const types = fc.constantFrom(...RETRY_ERROR_TYPES);
const half = { random: () => 0.5 };

describe('the documented retry policy', () => {
  it.each([
    ['network_error', 5, 1, 60],
    ['rate_limit_error', 10, 30, 300],
    ['auth_error', 3, 5, 30],
    ['system_error', 3, 10, 120],
    ['temporary_error', 5, 2, 60],
    ['unknown_error', 3, 1, 30],
  ] as const)(
    'tries %s %d times, first after %d s and never later than %d s',
    (type, attempts, base, max) => {
      expect(DEFAULT_RETRY_POLICY[type]).toMatchObject({
        maxAttempts: attempts,
        baseDelayMs: base * 1000,
        maxDelayMs: max * 1000,
      });
    },
  );
});

describe('the decision after a failed attempt', () => {
  it('never lets one kind of error have more attempts than its maximum, whatever comes between', () => {
    fc.assert(
      fc.property(fc.array(types, { maxLength: 80 }), (failures) => {
        let budget: RetryBudget = {};
        const retried: Partial<Record<string, number>> = {};
        for (const type of failures) {
          const decision = decideRetry(DEFAULT_RETRY_POLICY, type, budget);
          budget = decision.budget;
          if (decision.retry) retried[type] = (retried[type] ?? 0) + 1;
          expect(retried[type] ?? 0).toBeLessThan(DEFAULT_RETRY_POLICY[type].maxAttempts);
        }
      }),
    );
  });

  it("never spends another kind's budget", () => {
    fc.assert(
      fc.property(fc.array(types, { maxLength: 80 }), types, (failures, other) => {
        let budget: RetryBudget = {};
        for (const type of failures.filter((one) => one !== other)) {
          budget = decideRetry(DEFAULT_RETRY_POLICY, type, budget).budget;
        }
        expect(budget[other]).toBeUndefined();
        expect(decideRetry(DEFAULT_RETRY_POLICY, other, budget).retry).toBe(true);
      }),
    );
  });

  it("waits as long as the server's Retry-After says, also above the maximum delay", () => {
    const decision = decideRetry(DEFAULT_RETRY_POLICY, 'network_error', {}, { retryAfterMs: 90_000 });
    expect(decision).toMatchObject({ retry: true, delayMs: 90_000 });
  });

  it('gives up when the wait would reach past the time left', () => {
    const hints = { ...half, retryAfterMs: 5000, timeLeftMs: 5000 };
    expect(decideRetry(DEFAULT_RETRY_POLICY, 'network_error', {}, hints).retry).toBe(false);
    expect(decideRetry(DEFAULT_RETRY_POLICY, 'network_error', {}, { ...hints, timeLeftMs: 5001 }).retry).toBe(
      true,
    );
  });

  it('books the failure also when it gives up', () => {
    expect(decideRetry(DEFAULT_RETRY_POLICY, 'auth_error', { auth_error: 2 })).toEqual({
      retry: false,
      budget: { auth_error: 3 },
    });
  });
});
