/**
 * The mirror: a SQLite file that shows Temporal's tasks for reporting, with sessions and the recovery log.
 * Temporal is the truth; a broken, slow or deleted mirror never stops a task. One process, the mirror owner,
 * writes; everyone may read. All SQL of rekindle is in this room.
 *
 * ```ts
 * const mirror = new MirrorKeeper(config.database.path, { maxReaders: config.database.maxConnections, log });
 * await runProjector({ mirror, source, signal, log });
 * taskStatistics(mirror.get());
 * ```
 */
export { type BackupResult, backupMirror } from './backup.ts';
export {
  type BackupFile,
  type BackupsKept,
  backupName,
  listBackups,
  makeBackup,
  rotateBackups,
  surplusBackups,
} from './backups.ts';
export { type CheckOptions, checkMirror, type MirrorCheck, type StaleField } from './check.ts';
export { isDamage } from './errors.ts';
export { type FileReport, inspectFile } from './inspect.ts';
export { type KeeperOptions, MirrorKeeper } from './keeper.ts';
export { removeLeftOvers } from './left-overs.ts';
export { giveSpaceBack, integrityCheck, requireSound, type SpaceGivenBack, vacuum } from './maintain.ts';
export { Mirror, type MirrorOptions } from './mirror.ts';
export { openMirror } from './open.ts';
export type { Pass } from './projection.ts';
export { type ProjectorOptions, projectOnce, runProjector } from './projector.ts';
export { listAlerts, type MirrorAlert } from './read/alerts.ts';
export { type DatabaseStatistics, databaseStatistics } from './read/database-statistics.ts';
export { type DeliveryFilter, listDeliveries, type MirrorDelivery } from './read/deliveries.ts';
export { type FailureRowOfMirror, failureRows, withFailureRows } from './read/failure-rows.ts';
export { type FailureFilter, listFailures, type MirrorFailure } from './read/failures.ts';
export { handledRuns } from './read/handled-runs.ts';
export { lastHealthCheck } from './read/health-checks.ts';
export { healthCounts } from './read/health-counts.ts';
export { listMessages, type MessageFilter, type MirrorMessage } from './read/messages.ts';
export {
  hasNotification,
  listNotifications,
  type MirrorNotification,
  type NotificationFilter,
} from './read/notifications.ts';
export { getRecoveryHistory, type HistoryFilter, type RecoveryLog } from './read/recovery-history.ts';
export { countRecoveryEvents } from './read/recovery-statistics.ts';
export { type RetryStatistics, retryStatistics } from './read/retry-statistics.ts';
export { getSession, lastSession, listSessions, type MirrorSession } from './read/sessions.ts';
export { targetCounts } from './read/target-counts.ts';
export { taskStatistics } from './read/task-statistics.ts';
export { getTask, listTasks, type MirrorTask, type TaskFilter } from './read/tasks.ts';
export { type RebuildOptions, type RebuildResult, rebuildMirror } from './rebuild.ts';
export { type RestoreResult, restoreMirror } from './restore.ts';
export type { FingerprintOf } from './run-rows.ts';
export { changedAtMs, type TaskSource } from './source.ts';
export { type AlertChange, type AlertInput, setAlert } from './write/alerts.ts';
export {
  type CleanUpKind,
  cleanUp,
} from './write/clean-up.ts';
export { type DeliveryInput, recordDelivery } from './write/deliveries.ts';
export { type HandlingAction, type HandlingInput, recordHandling } from './write/handling.ts';
export {
  type HealthCheckInput,
  type ReconciliationInput,
  recordHealthCheck,
  recordReconciliation,
} from './write/measurements.ts';
export { markMessagesRead, putMessage } from './write/messages.ts';
export { type NotificationInput, recordNotifications } from './write/notifications.ts';
export { appendRecoveryLog, type RecoveryLogInput } from './write/recovery-logs.ts';
export { type SessionInput, upsertSession } from './write/sessions.ts';
export { type UpsertResult, upsertTasks } from './write/upsert-tasks.ts';
export { recordVerdict, type VerdictInput } from './write/verdicts.ts';
