/** Health and alerts: what is looked at, when an alert is raised, and that each is told once. Holds no state. */
export { ALERT_NAMES, ALERT_TEXTS, type AlertName } from './alert-texts.ts';
export { type Alert, evaluateAlerts } from './alerts.ts';
export { backupAlert } from './fault-alerts.ts';
export { CHECK_TITLES, type CheckName } from './fault-texts.ts';
export {
  checkAlerts,
  checkHealth,
  type HealthItem,
  type HealthJournal,
  type HealthPorts,
  type HealthReport,
  type HealthSettings,
  type HealthSources,
  lookAtHealth,
} from './health.ts';
export { LOW_SPACE_BYTES } from './host-checks.ts';
export type {
  AlertBook,
  HealthCounts,
  HealthMirror,
  KeptAlert,
  KeptCheck,
  Notify,
  ScheduleState,
  Span,
  TemporalStatus,
} from './ports.ts';
export { patiently, temporalStatus } from './temporal-status.ts';
export { type AlertThresholds, DEFAULT_THRESHOLDS } from './thresholds.ts';
export { type StandingAlert, updateAlerts } from './update-alerts.ts';
