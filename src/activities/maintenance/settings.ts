import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { locksDir } from '../../locks/machine-lock.ts';
import type { BackupsKept } from '../../mirror/index.ts';

/** Where things are, and how long they are kept. */
export interface MaintenanceSettings {
  readonly databasePath: string;
  readonly backupsDirectory: string;
  readonly backupsKept: BackupsKept;
  readonly logsDirectory: string;
  readonly reportsDirectory: string;
  readonly locksDirectory: string;
  readonly cleanup: Config['cleanup'];
}

/** Where the mirror's backups are. */
export function backupsDir({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'backups');
}

/** What the maintenance takes from the configuration. */
export function maintenanceSettings(config: Config): MaintenanceSettings {
  const { dataDir, database, cleanup } = config;
  return {
    databasePath: database.path,
    backupsDirectory: backupsDir(config),
    backupsKept: database.backupKeep,
    logsDirectory: join(dataDir, 'logs'),
    reportsDirectory: join(dataDir, 'reports'),
    locksDirectory: locksDir(dataDir),
    cleanup,
  };
}
