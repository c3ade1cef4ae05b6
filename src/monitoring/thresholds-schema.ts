import { z } from 'zod';
import { type AlertThresholds, DEFAULT_THRESHOLDS } from './thresholds.ts';

/** Recovery outcomes that are looked at; a longer row cannot be seen. */
const LONGEST_ROW = 20;

/** Section `alerts:` of `rekindle.yaml`; the first four keys are the documented ones. */
export const alertsSchema = z.strictObject({
  /** Percent. */
  failure_rate_threshold: z.number().min(0).max(100).default(DEFAULT_THRESHOLDS.failureRatePercent),
  recovery_failure_threshold: z
    .number()
    .int()
    .min(1)
    .max(LONGEST_ROW)
    .default(DEFAULT_THRESHOLDS.recoveryFailures),
  /** Minutes. */
  notification_delay_threshold: z.number().positive().default(DEFAULT_THRESHOLDS.notificationDelayMinutes),
  unknown_error_threshold: z.number().int().nonnegative().default(DEFAULT_THRESHOLDS.unknownErrors),
  /** 0–1. */
  recovery_rate_threshold: z.number().min(0).max(1).default(DEFAULT_THRESHOLDS.recoveryRate),
  recent_failure_threshold: z.number().int().nonnegative().default(DEFAULT_THRESHOLDS.recentFailures),
  min_samples: z.number().int().min(1).default(DEFAULT_THRESHOLDS.minSamples),
});

/** The section's values under the names the code uses. */
export function thresholdsOf(alerts: z.infer<typeof alertsSchema>): AlertThresholds {
  return {
    failureRatePercent: alerts.failure_rate_threshold,
    recoveryFailures: alerts.recovery_failure_threshold,
    notificationDelayMinutes: alerts.notification_delay_threshold,
    unknownErrors: alerts.unknown_error_threshold,
    recoveryRate: alerts.recovery_rate_threshold,
    recentFailures: alerts.recent_failure_threshold,
    minSamples: alerts.min_samples,
  };
}
