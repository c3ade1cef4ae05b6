import { describe, expect, test } from 'vitest';
import {
  ALERT_NAMES,
  type AlertName,
  DEFAULT_THRESHOLDS,
  evaluateAlerts,
  type HealthCounts,
} from '../../src/monitoring/index.ts';
import { NOON, QUIET } from './support.ts';

const MINUTE = 60_000;

function alert(name: AlertName, counts: Partial<HealthCounts>, thresholds = {}) {
  const all = evaluateAlerts({ ...QUIET, ...counts }, { ...DEFAULT_THRESHOLDS, ...thresholds }, NOON);
  const { state, value } = all.find((one) => one.name === name) ?? {};
  return { state, value };
}
const outcomes = (good: number, failed: number) => [
  ...Array<'failed'>(failed).fill('failed'),
  ...Array<'completed'>(good).fill('completed'),
];

describe('the documented thresholds', () => {
  test('are the defaults', () => {
    expect(DEFAULT_THRESHOLDS).toMatchObject({
      failureRatePercent: 20,
      recoveryFailures: 5,
      notificationDelayMinutes: 10,
      unknownErrors: 10,
      recoveryRate: 0.8,
      recentFailures: 50,
    });
  });

  test('more than 20 % of the tasks that ended failed', () => {
    expect(alert('failure_rate', { endedTasks: 100, failedTasks: 20 })).toEqual({ state: 'ok', value: 20 });
    expect(alert('failure_rate', { endedTasks: 100, failedTasks: 21 })).toEqual({
      state: 'raised',
      value: 21,
    });
  });

  test('a failure rate of fewer than five tasks says nothing', () => {
    expect(alert('failure_rate', { endedTasks: 4, failedTasks: 4 })).toEqual({
      state: 'no_data',
      value: null,
    });
    expect(alert('failure_rate', { endedTasks: 5, failedTasks: 5 })).toEqual({ state: 'raised', value: 100 });
  });

  test('five automatic recoveries failed in a row; one that succeeded ends the row', () => {
    const of = (lastRecoveryOutcomes: HealthCounts['lastRecoveryOutcomes']) =>
      alert('recovery_failures', { lastRecoveryOutcomes });
    expect(of([])).toEqual({ state: 'ok', value: 0 });
    expect(of(outcomes(1, 4))).toEqual({ state: 'ok', value: 4 });
    expect(of(outcomes(1, 5))).toEqual({ state: 'raised', value: 5 });
    expect(of(['completed', ...outcomes(0, 9)])).toEqual({ state: 'ok', value: 0 });
  });

  test('a notification that waits longer than 10 minutes, or took longer', () => {
    const waiting = (minutes: number) =>
      alert('notification_delay', { undelivered: { count: 1, oldestDecidedMs: NOON - minutes * MINUTE } });
    expect(waiting(10)).toEqual({ state: 'ok', value: 10 });
    expect(waiting(10.5)).toEqual({ state: 'raised', value: 10.5 });
    expect(alert('notification_delay', { slowestDeliverySeconds: 601 })).toMatchObject({ state: 'raised' });
    expect(alert('notification_delay', {})).toEqual({ state: 'ok', value: 0 });
  });

  test('more than 10 unknown errors', () => {
    expect(alert('unknown_errors', { unknownErrors: 10 })).toMatchObject({ state: 'ok' });
    expect(alert('unknown_errors', { unknownErrors: 11 })).toMatchObject({ state: 'raised' });
  });

  test('less than 0.8 of the automatic recoveries succeeded', () => {
    const rate = (good: number, total: number) => alert('recovery_rate', { recoveries: { good, total } });
    expect(rate(8, 10)).toEqual({ state: 'ok', value: 0.8 });
    expect(rate(7, 10)).toEqual({ state: 'raised', value: 0.7 });
    expect(rate(0, 4)).toEqual({ state: 'no_data', value: null });
  });

  test('more than 50 recent failures', () => {
    expect(alert('recent_failures', { recentFailures: 50 })).toMatchObject({ state: 'ok' });
    expect(alert('recent_failures', { recentFailures: 51 })).toMatchObject({ state: 'raised' });
  });

  test('can be set', () => {
    expect(alert('recent_failures', { recentFailures: 6 }, { recentFailures: 5 }).state).toBe('raised');
  });
});

test('every alert says in both languages what raises it, with the threshold that is set', () => {
  for (const locale of ['zh-CN', 'en'] as const) {
    const alerts = evaluateAlerts(QUIET, { ...DEFAULT_THRESHOLDS, recentFailures: 77 }, NOON, locale);
    expect(alerts.map(({ name }) => name)).toEqual([...ALERT_NAMES]);
    for (const { title, definition } of alerts) {
      expect(title).not.toBe('');
      expect(/[\u3400-\u9fff]/.test(definition)).toBe(locale === 'zh-CN');
    }
    expect(alerts.at(-1)?.definition).toContain('77');
  }
});
