import type { Locale } from '../failures/index.ts';
import { ALERT_NAMES, ALERT_TEXTS, type AlertName } from './alert-texts.ts';
import type { HealthCounts } from './ports.ts';
import type { AlertThresholds } from './thresholds.ts';

/** How an alert stands; JSON. */
export interface Alert {
  readonly name: AlertName;
  readonly title: string;
  readonly definition: string;
  /** `no_data`: too few observations to say; never raised. */
  readonly state: 'ok' | 'raised' | 'no_data';
  /** null: nothing to measure. */
  readonly value: number | null;
  readonly threshold: number;
}

/** Percent for `failure_rate`, minutes for `notification_delay`, 0–1 for `recovery_rate`, else a count. */
type Measured = { readonly value: number | null; readonly threshold: number; readonly raised: boolean };

const MINUTE_MS = 60_000;

/** Evaluates the four documented alerts and the two of the health check. Pure. @param nowMs in ms since the epoch. */
export function evaluateAlerts(
  counts: HealthCounts,
  thresholds: AlertThresholds,
  nowMs: number,
  locale: Locale = 'zh-CN',
): Alert[] {
  return ALERT_NAMES.map((name) => {
    const { value, threshold, raised } = MEASURE[name](counts, thresholds, nowMs);
    const { title, definition } = ALERT_TEXTS[name][locale];
    const state = value === null ? 'no_data' : raised ? 'raised' : 'ok';
    return { name, title, definition: definition(thresholds), state, value: rounded(value), threshold };
  });
}

const MEASURE: Readonly<
  Record<AlertName, (counts: HealthCounts, thresholds: AlertThresholds, nowMs: number) => Measured>
> = {
  failure_rate({ endedTasks, failedTasks }, { failureRatePercent, minSamples }) {
    const value = endedTasks < minSamples ? null : (100 * failedTasks) / endedTasks;
    return above(value, failureRatePercent);
  },
  recovery_failures({ lastRecoveryOutcomes }, { recoveryFailures }) {
    const good = lastRecoveryOutcomes.indexOf('completed');
    const value = good < 0 ? lastRecoveryOutcomes.length : good;
    return { value, threshold: recoveryFailures, raised: value >= recoveryFailures };
  },
  notification_delay({ undelivered, slowestDeliverySeconds }, { notificationDelayMinutes }, nowMs) {
    const waitingMs = undelivered.oldestDecidedMs === null ? 0 : nowMs - undelivered.oldestDecidedMs;
    const value = Math.max(0, waitingMs / MINUTE_MS, (slowestDeliverySeconds ?? 0) / 60);
    return above(value, notificationDelayMinutes);
  },
  unknown_errors: ({ unknownErrors }, thresholds) => above(unknownErrors, thresholds.unknownErrors),
  recovery_rate({ recoveries }, { recoveryRate, minSamples }) {
    const value = recoveries.total < minSamples ? null : recoveries.good / recoveries.total;
    return { value, threshold: recoveryRate, raised: value !== null && value < recoveryRate };
  },
  recent_failures: ({ recentFailures }, thresholds) => above(recentFailures, thresholds.recentFailures),
};

function above(value: number | null, threshold: number): Measured {
  return { value, threshold, raised: value !== null && value > threshold };
}

/** Three decimals are enough for people and for a share. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(1000 * value) / 1000;
}
