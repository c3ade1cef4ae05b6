import { existsSync, renameSync } from 'node:fs';
import type { TaskRecord } from '../domain/task-record.ts';
import { forEachBatch } from './batches.ts';
import { Connection } from './connection.ts';
import { isDamage, withMirrorErrors } from './errors.ts';
import { removeDatabase, removeSidecars, setAside } from './file.ts';
import { type CopiedHistory, copyHistory } from './history.ts';
import { pendingMigrations } from './migrate.ts';
import { loadMigrations } from './migrations.ts';
import type { Mirror, MirrorOptions } from './mirror.ts';
import { openForReading, openMirror } from './open.ts';
import type { FingerprintOf } from './run-rows.ts';
import type { TaskSource } from './source.ts';
import { CLOCK_SKEW_MS, writeCursor } from './write/cursor.ts';
import { upsertTasks } from './write/upsert-tasks.ts';

export interface RebuildOptions extends Pick<MirrorOptions, 'busyTimeoutMs'> {
  /** Called after every batch with the number of records read so far. */
  readonly onProgress?: (records: number) => void;
  readonly signal?: AbortSignal;
  /** For failures that came without a fingerprint. @default none: they are in no group */
  readonly fingerprintOf?: FingerprintOf | undefined;
  /** The old file is known to be damaged: it is set aside although its rows may be readable. @default as found */
  readonly damaged?: boolean;
}

export interface RebuildResult {
  /** Records that Temporal gave. */
  readonly records: number;
  /** Rows taken over from the old file, by table. */
  readonly kept: CopiedHistory['rows'];
  /** What of the old file could not be read, and records that cannot be written. */
  readonly problems: readonly string[];
  /** Where a damaged old file was put; null: it was sound, or there was none. */
  readonly setAside: string | null;
}

/**
 * Makes the mirror anew from Temporal: builds a file beside it and swaps when that is complete, so that readers see
 * the old one or the new one and nothing between. What Temporal does not know is taken over from the old file as far
 * as it can be read. When anything fails the old file stays as it is.
 *
 * Only the owner of the mirror may do it: sessions, logs and the like that another process writes meanwhile are lost.
 * A keeper that has the old file open notices the new one by itself.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`, `MIRROR_NEWER`; what the source throws.
 */
export async function rebuildMirror(
  path: string,
  source: TaskSource,
  options: RebuildOptions = {},
): Promise<RebuildResult> {
  const fresh = `${path}.rebuild`;
  const old = existsSync(path) ? inspect(path) : 'none';
  removeDatabase(fresh);
  try {
    const mirror = openMirror(fresh, options);
    const { unreadable, ...filled } = await fill(mirror, source, path, options).finally(() => mirror.close());
    const damaged = old !== 'none' && (unreadable || options.damaged === true);
    const aside = swap(fresh, path, damaged ? 'damaged' : old, options);
    return { ...filled, setAside: aside };
  } catch (error) {
    removeDatabase(fresh);
    throw error;
  }
}

/** Whether the old file can be read. @throws when it is another program's or a newer rekindle's: those stay. */
function inspect(path: string): 'sound' | 'damaged' {
  try {
    const connection = openForReading(path);
    try {
      withMirrorErrors(path, () => pendingMigrations(connection, path, loadMigrations()));
    } finally {
      connection.close();
    }
    return 'sound';
  } catch (error) {
    if (isDamage(error)) return 'damaged';
    throw error;
  }
}

async function fill(mirror: Mirror, source: TaskSource, oldPath: string, options: RebuildOptions) {
  const changed_ms = Date.now() - CLOCK_SKEW_MS;
  const problems: string[] = [];
  let records = 0;
  const write = (batch: readonly TaskRecord[]) => {
    const { rejected } = upsertTasks(mirror, batch, { fingerprintOf: options.fingerprintOf });
    problems.push(...rejected.map(({ taskId, problem }) => `task ${taskId}: ${problem}`));
    records += batch.length;
    options.onProgress?.(records);
  };
  const copy = (part: 'own' | 'projected') =>
    readOld(oldPath, (old) => mirror.direct((to) => copyHistory(old, to, part)));
  // First, so that Temporal's rows find what was cleaned up, and which ends are in the recovery log.
  const own = copy('own');
  await forEachBatch(source.all(), write, options.signal);
  // After Temporal's rows, so that these win over what the old file says of the same tasks.
  const projected = copy('projected');
  mirror.write((connection) => writeCursor(connection, { changed_ms, reconciled_ms: Date.now() }));
  const unreadable = new Set([...(own?.problems ?? []), ...(projected?.problems ?? [])]);
  return {
    records,
    kept: { ...own?.rows, ...projected?.rows },
    problems: [...problems, ...unreadable],
    unreadable: unreadable.size > 0,
  };
}

/** Reads from the old file as far as that goes. @returns undefined when there is none, or it is damaged. */
function readOld<T>(path: string, read: (old: Connection) => T): T | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const old = openForReading(path);
    try {
      return read(old);
    } finally {
      old.close();
    }
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** @returns where the old file was put when it is kept as evidence. */
function swap(
  fresh: string,
  path: string,
  old: 'none' | 'sound' | 'damaged',
  options: RebuildOptions,
): string | null {
  if (old === 'sound') emptyWal(path, options);
  const aside = old === 'damaged' ? setAside(path) : null;
  // The old file's WAL would be taken for the new file's.
  removeSidecars(path);
  renameSync(fresh, path);
  return aside;
}

/** Brings the old WAL into its file, so that a reader that opens it in the moment before the swap finds all of it. */
function emptyWal(path: string, options: RebuildOptions): void {
  withMirrorErrors(path, () => {
    const connection = new Connection(path, options);
    try {
      connection.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      connection.close();
    }
  });
}
