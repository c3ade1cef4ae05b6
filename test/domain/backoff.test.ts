import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Backoff, backoffDelayMs } from '../../src/domain/backoff.ts';

const backoffs = fc.record({
  backoffType: fc.constantFrom('exponential', 'linear', 'fixed'),
  baseDelayMs: fc.integer({ min: 0, max: 600_000 }),
  maxDelayMs: fc.integer({ min: 0, max: 3_600_000 }),
  exponentialBase: fc.double({ min: 1, max: 10, noNaN: true }),
  jitter: fc.boolean(),
}) satisfies fc.Arbitrary<Backoff>;
const retries = fc.integer({ min: 1, max: 5000 });
const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const steady: Backoff = { backoffType: 'exponential', baseDelayMs: 1000, maxDelayMs: 60_000, jitter: false };

describe('the delay before a retry', () => {
  it('is never negative and never above the maximum', () => {
    fc.assert(
      fc.property(backoffs, retries, chances, (backoff, retry, chance) => {
        const delay = backoffDelayMs(backoff, retry, () => chance);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(backoff.maxDelayMs);
      }),
    );
  });

  it('never shrinks from one retry to the next when there is no jitter', () => {
    fc.assert(
      fc.property(backoffs, retries, (backoff, retry) => {
        const calm = { ...backoff, jitter: false };
        expect(backoffDelayMs(calm, retry + 1)).toBeGreaterThanOrEqual(backoffDelayMs(calm, retry));
      }),
    );
  });

  it('is spread by jitter over the upper half of the delay without it', () => {
    fc.assert(
      fc.property(backoffs, retries, chances, (backoff, retry, chance) => {
        const full = backoffDelayMs({ ...backoff, jitter: false }, retry);
        const spread = backoffDelayMs({ ...backoff, jitter: true }, retry, () => chance);
        expect(spread).toBeGreaterThanOrEqual(Math.floor(full / 2));
        expect(spread).toBeLessThanOrEqual(full);
      }),
    );
  });

  it('doubles from retry to retry when nothing else is said', () => {
    expect([1, 2, 3, 4, 7].map((retry) => backoffDelayMs(steady, retry))).toEqual([
      1000, 2000, 4000, 8000, 60_000,
    ]);
  });

  it('grows by its own base when it has one', () => {
    const slow = { ...steady, baseDelayMs: 30_000, maxDelayMs: 300_000, exponentialBase: 1.2 };
    expect([1, 2, 3].map((retry) => backoffDelayMs(slow, retry))).toEqual([30_000, 36_000, 43_200]);
  });

  it('grows by the same amount each time when it is linear, and not at all when it is fixed', () => {
    const linear: Backoff = { ...steady, backoffType: 'linear' };
    const fixed: Backoff = { ...steady, backoffType: 'fixed' };
    expect([1, 2, 3].map((retry) => backoffDelayMs(linear, retry))).toEqual([1000, 2000, 3000]);
    expect([1, 2, 3].map((retry) => backoffDelayMs(fixed, retry))).toEqual([1000, 1000, 1000]);
  });

  it('stays zero when the first delay is zero, however many retries there were', () => {
    expect(backoffDelayMs({ ...steady, baseDelayMs: 0 }, 5000)).toBe(0);
  });

  it('counts from one: a retry number below is taken for the first', () => {
    expect(backoffDelayMs(steady, 0)).toBe(1000);
  });
});
