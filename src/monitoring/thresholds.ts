/** When alerts are raised (SPEC section 7); names as documented where the documents have one. */
export interface AlertThresholds {
  /** More than this percentage of the tasks that ended in 24 h failed. @default 20 */
  readonly failureRatePercent: number;
  /** This many automatic recoveries failed in a row. @default 5 */
  readonly recoveryFailures: number;
  /** A notification waits, or took, longer than this many minutes. @default 10 */
  readonly notificationDelayMinutes: number;
  /** More unknown errors than this in 24 h. @default 10 */
  readonly unknownErrors: number;
  /** A smaller share than this of the automatic recoveries that ended in 24 h succeeded, 0–1. @default 0.8 */
  readonly recoveryRate: number;
  /** More failures than this in 24 h. @default 50 */
  readonly recentFailures: number;
  /** A rate of fewer observations than this says nothing. @default 5 */
  readonly minSamples: number;
}

/** As documented (`ALERT_THRESHOLDS` and the health check of the failure-automation document). */
export const DEFAULT_THRESHOLDS: AlertThresholds = {
  failureRatePercent: 20,
  recoveryFailures: 5,
  notificationDelayMinutes: 10,
  unknownErrors: 10,
  recoveryRate: 0.8,
  recentFailures: 50,
  minSamples: 5,
};
