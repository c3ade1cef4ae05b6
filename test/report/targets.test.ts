import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationsOf, measureTargets, type TargetCounts } from '../../src/report/targets.ts';

const none = durationsOf([]);
const nothing: TargetCounts = {
  resumes: { total: 0, good: 0, durations: none },
  retriedSteps: { total: 0, good: 0, tries: 0 },
  crashRecoveries: none,
  comparedTasks: { total: 0, good: 0 },
  uptime: { observed: 0, available: 0, checks: 0 },
  recoveries: { total: 0, good: 0 },
  processingDelays: none,
  judgedClassifications: { total: 0, good: 0 },
  notificationDelays: none,
};

/** Counts that give exactly the values the documents report. */
const documented: TargetCounts = {
  resumes: { total: 1000, good: 992, durations: durationsOf([5.2]) },
  retriedSteps: { total: 1000, good: 897, tries: 897 * 2.3 },
  crashRecoveries: durationsOf([12.8]),
  comparedTasks: { total: 10_000, good: 9998 },
  uptime: { observed: 1000, available: 997, checks: 17 },
  recoveries: { total: 10, good: 9 },
  processingDelays: durationsOf([5]),
  judgedClassifications: { total: 100, good: 98 },
  notificationDelays: durationsOf([3]),
};

describe('the nine targets', () => {
  it('have the documented values to reach', () => {
    const targets = measureTargets(nothing).map(({ id, must, target }) => `${id} ${must} ${target}`);
    expect(targets).toEqual([
      'resume_success exceed 0.98',
      'retry_success exceed 0.85',
      'crash_recovery_time stay_below 30',
      'state_consistency exceed 0.999',
      'stability exceed 0.995',
      'auto_recovery_success exceed 0.8',
      'processing_delay stay_below 1800',
      'classification_accuracy exceed 0.95',
      'notification_delay stay_below 300',
    ]);
  });

  it('are neither met nor missed while there is nothing to measure', () => {
    for (const target of measureTargets(nothing))
      expect(target).toMatchObject({ value: null, met: null, samples: 0 });
  });

  it('give the documented figures from the counts behind them, and are met by them', () => {
    const measured = measureTargets(documented);
    expect(measured.every((target) => target.met)).toBe(true);
    for (const target of measured.filter((one) => one.documented !== null)) {
      expect(target.value).toBeCloseTo(target.documented?.value ?? Number.NaN, 9);
      if (target.documented?.detail) expect(target.detail).toBeCloseTo(target.documented.detail, 9);
    }
  });

  it('count whole observations, also where time is what is measured', () => {
    const uptime = { observed: 464.25, available: 464.25, checks: 8 };
    const stability = measureTargets({ ...nothing, uptime }).find(({ id }) => id === 'stability');
    expect(stability).toMatchObject({ value: 1, samples: 8 });
  });

  it('are missed by a value that just equals the target, since it has to be exceeded', () => {
    const [resume] = measureTargets({ ...nothing, resumes: { total: 100, good: 98, durations: none } });
    expect(resume).toMatchObject({ value: 0.98, met: false });
    const crash = measureTargets({ ...nothing, crashRecoveries: durationsOf([30]) })[2];
    expect(crash).toMatchObject({ value: 30, met: false });
  });

  it('carry a name and a definition in both languages', () => {
    for (const locale of ['zh-CN', 'en'] as const) {
      for (const { name, definition } of measureTargets(nothing, locale)) {
        expect(name).not.toBe('');
        expect(definition).toMatch(/[。.]$/);
        expect(/[\u3400-\u9fff]/.test(definition)).toBe(locale === 'zh-CN');
      }
    }
  });
});

describe('the summary of times', () => {
  it('has 95 of 100 times at or below its 95th percentile', () => {
    const times = Array.from({ length: 100 }, (_, n) => n + 1);
    expect(durationsOf(times)).toEqual({ count: 100, mean: 50.5, p95: 95, longest: 100 });
  });

  it('orders its figures, whatever the times are', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (times) => {
        const { mean, p95, longest } = durationsOf(times);
        expect(p95).toBeLessThanOrEqual(longest);
        expect(mean).toBeLessThanOrEqual(longest * (1 + 1e-9));
      }),
    );
  });
});
