import { existsSync, realpathSync, renameSync } from 'node:fs';
import { RekindleError } from '../domain/error-codes.ts';
import { backupMirror } from './backup.ts';
import { removeDatabase, removeSidecars, setAside } from './file.ts';
import { inspectFile } from './inspect.ts';
import { openMirror } from './open.ts';
import { taskStatistics } from './read/task-statistics.ts';
import { forgetReconciliation } from './write/cursor.ts';

export interface RestoreResult {
  /** The mirror. */
  readonly path: string;
  /** The backup. */
  readonly from: string;
  /** Tasks in it. */
  readonly tasks: number;
  /** Where the file is that was there before; null: there was none. */
  readonly setAside: string | null;
}

/**
 * Puts a backup in the place of the mirror. It is looked at first: a file that is damaged, another program's or a newer
 * rekindle's is refused, and nothing has changed. The file that was there is set aside. What has changed in Temporal
 * since the backup comes with the projector, which compares all of it first.
 *
 * Only the owner of the mirror may do it.
 * @throws {RekindleError} `INVALID_INPUT`, `MIRROR_UNAVAILABLE`, `MIRROR_NEWER`, `DISK_FULL`, `NOT_WRITABLE`.
 */
export async function restoreMirror(path: string, from: string): Promise<RestoreResult> {
  requireBackup(path, from);
  const fresh = `${path}.restoring`;
  try {
    removeDatabase(fresh);
    await backupMirror(from, fresh);
    const tasks = prepare(fresh);
    const aside = existsSync(path) ? setAside(path, 'before-restore') : null;
    // The WAL of a file that is gone would be taken for the new one's.
    removeSidecars(path);
    renameSync(fresh, path);
    return { path, from, tasks, setAside: aside };
  } catch (error) {
    removeDatabase(fresh);
    throw error;
  }
}

function requireBackup(path: string, from: string): void {
  if (existsSync(path) && existsSync(from) && realpathSync(path) === realpathSync(from))
    throw refused(from, 'is the mirror itself', 'Name the file of a backup.');
  const { state, problems, schema } = inspectFile(from);
  if (state === 'missing') throw refused(from, 'does not exist', 'Name the file of a backup.');
  if (state === 'damaged')
    throw refused(from, `is damaged: ${problems[0]}`, 'Take another backup; nothing was changed.');
  if (schema === 0) throw refused(from, 'is no backup of a mirror', 'Name the file of a backup.');
}

function refused(from: string, why: string, hint: string): RekindleError {
  return new RekindleError('INVALID_INPUT', `${from} ${why}`, { hint, facts: { path: from } });
}

/** Brings it to this version's schema, and has all of Temporal compared with it. @returns its tasks. */
function prepare(fresh: string): number {
  const mirror = openMirror(fresh);
  try {
    mirror.write(forgetReconciliation);
    return taskStatistics(mirror).total;
  } finally {
    mirror.close();
  }
}
