import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILURE_CATEGORIES, isRecoverable } from '../../src/domain/category.ts';
import { decideRecovery, type FailedTask, RECOVERY_RULES } from '../../src/domain/recovery-policy.ts';

const MINUTE = 60_000;
const categories = fc.constantFrom(...FAILURE_CATEGORIES);
const attempts = fc.nat({ max: 50 });
const customs = fc.record({
  delay: fc.double({ min: 0, max: 1e6, noNaN: true }),
  strategy: fc.string(),
  max_attempts: fc.nat({ max: 50 }),
});

/** The delays that a task goes through until somebody is told. */
function delaysOf(task: Omit<FailedTask, 'attempts'>): number[] {
  const delays: number[] = [];
  for (;;) {
    const decision = decideRecovery({ ...task, attempts: delays.length });
    if (decision.action === 'notify') return delays;
    delays.push(decision.delayMs);
  }
}

describe('the recovery of a failed task', () => {
  it('follows the documented delays and numbers of each category', () => {
    expect(delaysOf({ category: 'recoverable_network' })).toEqual([
      30_000, 60_000, 120_000, 240_000, 240_000,
    ]);
    expect(delaysOf({ category: 'recoverable_system' })).toEqual([5 * MINUTE, 10 * MINUTE, 20 * MINUTE]);
    expect(delaysOf({ category: 'recoverable_temporary' })).toEqual([3 * MINUTE, 6 * MINUTE, 12 * MINUTE]);
  });

  it('tries an unknown error once, as a temporary one, and then tells administrators', () => {
    expect(delaysOf({ category: 'unknown' })).toEqual([3 * MINUTE]);
    expect(decideRecovery({ category: 'unknown', attempts: 1 })).toEqual({
      action: 'notify',
      audience: 'administrators',
      reason: 'attempts_used_up',
      maxAttempts: 1,
    });
  });

  it('tells administrators of wrong data and settings, and the user of a rule of the business', () => {
    const audienceOf = (category: string) => {
      const decision = decideRecovery({ category, attempts: 0 });
      return decision.action === 'notify' && `${decision.audience}: ${decision.reason}`;
    };
    expect(audienceOf('unrecoverable_data')).toBe('administrators: not_recoverable');
    expect(audienceOf('unrecoverable_config')).toBe('administrators: not_recoverable');
    expect(audienceOf('unrecoverable_business')).toBe('user: not_recoverable');
  });

  it('says the number of the recovery and whose delay it is', () => {
    expect(decideRecovery({ category: 'recoverable_network', attempts: 2 })).toEqual({
      action: 'recover',
      delayMs: 120_000,
      attempt: 3,
      strategy: 'recoverable_network',
    });
  });

  it('is never made more often than the operator allows, and an operator cannot allow more than the category', () => {
    fc.assert(
      fc.property(categories, fc.nat({ max: 20 }), (category, maxOverride) => {
        const most = Math.min(maxOverride, RECOVERY_RULES[category].maxAttempts);
        expect(delaysOf({ category, maxOverride })).toHaveLength(most);
      }),
    );
  });

  it('says that a limit of zero used the attempts up, not that the failure cannot be recovered', () => {
    const decision = decideRecovery({ category: 'recoverable_network', attempts: 0, maxOverride: 0 });
    expect(decision).toMatchObject({ action: 'notify', reason: 'attempts_used_up', maxAttempts: 0 });
  });

  it('never waits less from one recovery to the next', () => {
    fc.assert(
      fc.property(categories, (category) => {
        const delays = delaysOf({ category });
        expect(delays).toEqual([...delays].sort((a, b) => a - b));
      }),
    );
  });

  it('ends for every category, however many recoveries a task already has', () => {
    fc.assert(
      fc.property(categories, fc.integer({ min: 5, max: 1e9 }), (category, many) => {
        expect(decideRecovery({ category, attempts: many }).action).toBe('notify');
      }),
    );
  });
});

describe('a custom strategy', () => {
  it('takes the place of the delays and the maximum of a category that may be recovered', () => {
    fc.assert(
      fc.property(categories, attempts, customs, (category, tries, custom) => {
        const decision = decideRecovery({ category, attempts: tries, custom });
        const may = (isRecoverable(category) || category === 'unknown') && tries < custom.max_attempts;
        expect(decision.action).toBe(may ? 'recover' : 'notify');
        if (decision.action === 'recover') {
          expect(decision.delayMs).toBe(Math.round(custom.delay * 1000));
          expect(decision.strategy).toBe(custom.strategy);
        }
      }),
    );
  });

  it('is bound by the limit of the operator too', () => {
    const custom = { delay: 1, strategy: 'eager', max_attempts: 100 };
    expect(delaysOf({ category: 'recoverable_system', custom, maxOverride: 2 })).toEqual([1000, 1000]);
  });

  it('with a number that is none is refused by name', () => {
    const decide = (delay: number, max_attempts: number) => () =>
      decideRecovery({
        category: 'recoverable_network',
        attempts: 0,
        custom: { delay, strategy: 'mine', max_attempts },
      });
    expect(decide(-1, 1)).toThrow('the custom strategy "mine" has the delay -1; it is seconds, from 0');
    expect(decide(Number.NaN, 1)).toThrow('has the delay NaN');
    expect(decide(1, 1.5)).toThrow('has max_attempts 1.5');
  });
});

describe('a person who forces a recovery', () => {
  it('gets it at once, whatever the category and the limits say', () => {
    fc.assert(
      fc.property(categories, attempts, (category, tries) => {
        expect(decideRecovery({ category, attempts: tries, maxOverride: 0, force: true })).toEqual({
          action: 'recover',
          delayMs: 0,
          attempt: tries + 1,
          strategy: 'forced',
        });
      }),
    );
  });
});

describe('a category of one’s own', () => {
  it('is handled by the rule that came with it', () => {
    const ownRules = { quota: { delaysMs: [1000, 2000], maxAttempts: 3, audience: 'user' } } as const;
    expect(delaysOf({ category: 'quota', ownRules })).toEqual([1000, 2000, 2000]);
    expect(decideRecovery({ category: 'quota', attempts: 3, ownRules })).toMatchObject({ audience: 'user' });
  });

  it('without a rule is recovered like a temporary error when its name says that it may be', () => {
    expect(delaysOf({ category: 'recoverable_quota' })).toEqual(
      delaysOf({ category: 'recoverable_temporary' }),
    );
  });

  it('without a rule and with any other name is reported to administrators', () => {
    for (const category of ['custom_business_error', 'toString', '']) {
      expect(decideRecovery({ category, attempts: 0 })).toMatchObject({
        action: 'notify',
        audience: 'administrators',
        reason: 'not_recoverable',
      });
    }
  });
});
