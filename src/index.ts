/** What users import from `rekindle`. */
import './require-node.ts';

export type { DownloadRequest } from './client/download-input.ts';
export type { LiveProgress } from './client/live-progress.ts';
export type { LoginRequest } from './client/login-request.ts';
export { RekindleClient, type TaskFilter } from './client/rekindle-client.ts';
export {
  countActiveResources,
  type LockedWork,
  type LockPlace,
  listResourceLocks,
  type ResourceLockOptions,
  withResourceLock,
} from './client/resource-locks.ts';
export {
  type TaskCheckpoint,
  TaskFailedError,
  TaskHandle,
  type TaskSnapshot,
  type WatchOptions,
} from './client/task-handle.ts';
export { type Config, type ConfigOverrides, loadConfig } from './config.ts';
export type { FailureCategory } from './domain/category.ts';
export type { Checkpoint } from './domain/checkpoint.ts';
export { ERROR_CODES, type ErrorCode, isRekindleError, RekindleError } from './domain/error-codes.ts';
export type { FailedRun, RecoveryHandler, RecoveryStrategy } from './domain/failed-run.ts';
export type { Classification, FailureInfo } from './domain/failure.ts';
export type { Digest, Notification } from './domain/notification.ts';
export type { LockHolding, LockScope, ResourceLockView } from './domain/resource-lock.ts';
export type { RetryErrorType, RetryPolicy, RetryStrategy } from './domain/retry-policy.ts';
export type { SessionName, SessionStatus, SessionView } from './domain/session.ts';
export type { TaskStatistics } from './domain/statistics.ts';
export type { TaskStatus } from './domain/task.ts';
export type { TaskView } from './domain/task-record.ts';
export type { TaskState } from './domain/task-state.ts';
export type { VideoDownloadResult } from './domain/video-download.ts';
export { defineExtension, type Extension } from './extensions.ts';
export {
  type Classifier,
  type CustomRule,
  classify,
  classifyMessage,
  createClassifier,
  explain,
  suggestion,
} from './failures/index.ts';
export {
  createShutdown,
  type Shutdown,
  type ShutdownHandler,
  type ShutdownOptions,
  type ShutdownProblem,
  type ShutdownReport,
} from './lifecycle/index.ts';
export {
  type NotificationChannel,
  type NotificationMessage,
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from './notify/index.ts';
export {
  createRetryManager,
  NonRetryableError,
  RetryableError,
  type RetryEvent,
  RetryExhaustedError,
  type RetryManager,
  type RetryManagerOptions,
  type RetryOptions,
  type RetryStatistics,
  retry,
  retrySync,
  sharedRetryManager,
  withRetry,
} from './retry/index.ts';
export type { SecretProvider } from './secrets/resolver.ts';
export type { CrashEvidence } from './supervisor/crash-evidence.ts';
export {
  type RecoverOptions,
  RecoveryManager,
  type RecoveryManagerOptions,
} from './supervisor/recovery-manager.ts';
export type { CrashCause, RecoverySession, RecoveryStep } from './supervisor/recovery-session.ts';
export type {
  ManyRecoveries,
  RecoverFilter,
  RecoverManyRequest,
  RecoveryOfMany,
  RecoveryProblem,
} from './tasks/recover-many.ts';
export type { RecoverRequest, ScheduledRecovery } from './tasks/recover-task.ts';
