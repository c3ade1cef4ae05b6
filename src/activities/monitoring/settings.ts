import { join } from 'node:path';
import type { Config } from '../../config.ts';
import type { MonitoringDeps } from './index.ts';

/** What the monitoring activities take from the configuration. @param schedules IDs of those that have to be active. */
export function monitoringSettings(config: Config, schedules: readonly string[]): MonitoringDeps['settings'] {
  return {
    taskQueue: config.taskQueue,
    schedules,
    backups: config.database.backupIntervalMs > 0,
    dataDirectory: config.dataDir,
    logDirectory: join(config.dataDir, 'logs'),
    reportsDirectory: join(config.dataDir, 'reports'),
    thresholds: config.alerts,
    locale: config.locale,
  };
}
