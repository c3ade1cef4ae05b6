import { mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import { Connection } from './connection.ts';
import { mirrorError, unavailable } from './errors.ts';
import { removeDatabase } from './file.ts';
import { openForReading } from './open.ts';

export interface BackupResult {
  readonly path: string;
  /** Bytes of the backup. */
  readonly size: number;
}

/**
 * Copies the mirror while it is in use. The backup is one plain file (no WAL beside it), checked before it gets its
 * name; whatever had that name is replaced at once or not at all.
 * @param to the backup's path; its directory is made.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`; `INVALID_INPUT` when `to` is the mirror itself.
 */
export async function backupMirror(path: string, to: string): Promise<BackupResult> {
  if (resolve(path) === resolve(to)) {
    throw new RekindleError('INVALID_INPUT', `${to} is the mirror itself`, { hint: 'Name another file.' });
  }
  const unfinished = `${to}.unfinished`;
  mkdirSync(dirname(to), { recursive: true });
  removeDatabase(unfinished);
  try {
    await copyPages(path, unfinished);
    finish(unfinished);
    renameSync(unfinished, to);
    return { path: to, size: statSync(to).size };
  } catch (error) {
    removeDatabase(unfinished);
    throw mirrorError(path, error);
  }
}

/** In a read transaction, since a backup starts over whenever somebody else commits. */
async function copyPages(path: string, to: string): Promise<void> {
  const source = openForReading(path);
  try {
    source.exec('BEGIN');
    source.get('SELECT 1 FROM sqlite_master');
    await source.db.backup(to);
  } finally {
    source.close();
  }
}

function finish(path: string): void {
  const copy = new Connection(path, {});
  try {
    copy.pragma('journal_mode = DELETE');
    const found = copy.pragma('quick_check');
    if (found !== 'ok') throw unavailable(path, `is damaged: ${found}`, 'Run `rekindle mirror rebuild`.');
  } finally {
    copy.close();
  }
}
