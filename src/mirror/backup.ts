import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SqliteError } from 'better-sqlite3';
import { RekindleError } from '../domain/error-codes.ts';
import { Connection } from './connection.ts';
import { damaged, mirrorError } from './errors.ts';
import { removeDatabase } from './file.ts';
import { openForReading, requireFile } from './open.ts';

export interface BackupResult {
  readonly path: string;
  /** Bytes of the backup. */
  readonly size: number;
}

/** How {@link backupMirror} goes about it. */
export interface BackupOptions {
  /** Called between pieces of the work; what it throws ends it. */
  readonly onStep?: (() => void) | undefined;
}

/** Pages that are copied before others get the thread: some milliseconds. */
const PAGES_AT_ONCE = 200;

/**
 * Copies the mirror while it is in use. The backup is one plain file (no WAL beside it), checked before it gets its
 * name; whatever had that name is replaced at once or not at all.
 * @param to the backup's path; its directory is made.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`; `DISK_FULL`, `NOT_WRITABLE` when the backup cannot be written;
 *   `INVALID_INPUT` when `to` is the mirror itself.
 */
export async function backupMirror(
  path: string,
  to: string,
  { onStep }: BackupOptions = {},
): Promise<BackupResult> {
  if (resolve(path) === resolve(to)) {
    throw new RekindleError('INVALID_INPUT', `${to} is the mirror itself`, { hint: 'Name another file.' });
  }
  requireFile(path);
  // Another process may be making one of the same name.
  const unfinished = `${to}.${process.pid}.unfinished`;
  try {
    mkdirSync(dirname(to), { recursive: true });
    removeDatabase(unfinished);
    await copyPages(path, unfinished, onStep);
    await finish(path, unfinished, onStep);
    renameSync(unfinished, to);
    syncDirectory(dirname(to));
    return { path: to, size: statSync(to).size };
  } catch (error) {
    removeQuietly(unfinished);
    throw backupError(path, to, error);
  }
}

/** In a read transaction, since a backup starts over whenever somebody else commits. */
async function copyPages(path: string, to: string, onStep?: () => void): Promise<void> {
  const source = openForReading(path);
  try {
    source.exec('BEGIN');
    source.get('SELECT 1 FROM sqlite_master');
    await source.db.backup(to, {
      progress: () => {
        onStep?.();
        return PAGES_AT_ONCE;
      },
    });
  } finally {
    source.close();
  }
}

/** Table by table, so that others get the thread in between. */
async function finish(path: string, copyPath: string, onStep?: () => void): Promise<void> {
  const copy = new Connection(copyPath, {});
  try {
    copy.pragma('journal_mode = DELETE');
    for (const table of copy.tables()) {
      const found = copy.pragma(`quick_check("${table}")`);
      if (found !== 'ok') throw damaged(path, String(found));
      onStep?.();
      await nextTurn();
    }
  } finally {
    copy.close();
  }
}

/** So that an older backup that goes next does not go without this one. Not every platform opens directories. */
function syncDirectory(directory: string): void {
  try {
    const fd = openSync(directory, 'r');
    fsyncSync(fd);
    closeSync(fd);
  } catch {}
}

function removeQuietly(path: string): void {
  try {
    removeDatabase(path);
  } catch {}
}

const FULL = /^(SQLITE_FULL|ENOSPC|EDQUOT)/;
const NOT_WRITABLE = /^(SQLITE_CANTOPEN|SQLITE_READONLY|EACCES|EPERM|EROFS|ENOTDIR|EEXIST|EISDIR|ENOTEMPTY)/;

/** What concerns the mirror itself was said when it was opened; the rest concerns the backup. */
function backupError(path: string, to: string, error: unknown): unknown {
  const code = error instanceof RekindleError ? '' : String((error as NodeJS.ErrnoException)?.code ?? '');
  if (FULL.test(code)) {
    return new RekindleError('DISK_FULL', `no room for the backup ${to}`, {
      hint: 'Free some space, or lower recovery.database.backup_keep; the backups that stand are kept.',
      cause: error,
      facts: { path: to },
    });
  }
  if (NOT_WRITABLE.test(code)) {
    return new RekindleError('NOT_WRITABLE', `the backup ${to} cannot be written (${code})`, {
      hint: 'Name a file in a directory that you may write.',
      cause: error,
      facts: { path: to },
    });
  }
  return error instanceof SqliteError ? mirrorError(path, error) : error;
}
