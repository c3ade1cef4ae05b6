import { removeIdleLocks } from '../../locks/machine-lock.ts';
import { removeLeftOvers, rotateBackups } from '../../mirror/index.ts';
import { rotateLogs } from '../../notify/index.ts';
import { removeReports } from '../../report/index.ts';
import type { FilesCleaned } from '../maintenance-types.ts';
import type { MaintenanceSettings } from './settings.ts';

/** What is still being written is touched more often than this, in ms. */
const UNFINISHED_MS = 86_400_000;

/**
 * Removes files that are older than they are kept. Doing it again removes nothing else.
 * @param atMs what ages are counted from, in ms since the epoch.
 * @throws {AggregateError} with what could not be done, after all the rest was.
 */
export async function cleanFiles(settings: MaintenanceSettings, atMs: number): Promise<FilesCleaned> {
  const beforeMs = atMs - settings.cleanup.logRetentionMs;
  const unfinishedBeforeMs = atMs - UNFINISHED_MS;
  const problems: unknown[] = [];
  const attempt = async <T>(work: () => T | Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      problems.push(error);
      return otherwise;
    }
  };
  const removed = await attempt(
    () => removeReports(settings.reportsDirectory, { beforeMs, unfinishedBeforeMs }),
    { reports: 0, unfinished: 0 },
  );
  const logs = await attempt(() => rotateLogs(settings.logsDirectory, beforeMs, atMs), {
    rotated: 0,
    removed: 0,
  });
  const backups = await attempt(
    () => rotateBackups(settings.backupsDirectory, settings.backupsKept, atMs),
    0,
  );
  const leftOvers = await attempt(
    () => removeLeftOvers(settings.databasePath, settings.backupsDirectory, unfinishedBeforeMs),
    0,
  );
  const locks = await attempt(
    () => removeIdleLocks(settings.locksDirectory, settings.cleanup.logRetentionMs),
    0,
  );
  if (problems.length > 0) {
    const list = problems.map((problem) => (problem as Error).message).join('; ');
    throw new AggregateError(problems, `some old files could not be removed: ${list}`);
  }
  return {
    reports: removed.reports,
    logsRotated: logs.rotated,
    logsRemoved: logs.removed,
    backups,
    leftOvers: leftOvers + removed.unfinished,
    locks,
  };
}
