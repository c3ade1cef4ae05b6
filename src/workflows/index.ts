/** Entry of the workflow bundle: every export is a workflow type. */
export { failureScan } from './failure-scan.ts';
export { login } from './login.ts';
export { cleanUp, mirrorBackup, mirrorVacuum } from './maintenance.ts';
export { healthCheck, markMessagesRead, patternAnalysis, recordVerdict } from './monitoring.ts';
export { notificationDelivery } from './notification-delivery.ts';
export { notificationGroup } from './notification-group.ts';
export { notificationLog } from './notification-log.ts';
export { resourceLock } from './resource-lock.ts';
export { session } from './session.ts';
export { videoDownload } from './video-download.ts';
