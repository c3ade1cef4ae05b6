import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What a backup, rebuild or restore that was killed leaves, with what SQLite kept beside it. */
const LEFT_OVER = /^(?:\.rebuild|\.restoring|(?:\.restoring)?\.\d+\.unfinished)(?:-wal|-shm|-journal)?$/;
const LEFT_OVER_BACKUP = /^recovery-\d{8}_\d{6}\.db\.\d+\.unfinished(?:-wal|-shm|-journal)?$/;

/**
 * Removes files of work that was never finished and has not been touched since a moment. Only the owner of the mirror
 * may do it.
 * @returns how many.
 */
export function removeLeftOvers(path: string, backups: string, beforeMs: number): number {
  const name = basename(path);
  const beside = old(
    dirname(path),
    (entry) => entry.startsWith(name) && LEFT_OVER.test(entry.slice(name.length)),
    beforeMs,
  );
  const unfinished = old(backups, (entry) => LEFT_OVER_BACKUP.test(entry), beforeMs);
  for (const file of [...beside, ...unfinished]) rmSync(file, { force: true });
  return beside.length + unfinished.length;
}

function old(directory: string, isOurs: (entry: string) => boolean, beforeMs: number): string[] {
  let entries: string[];
  try {
    entries = readdirSync(directory);
  } catch {
    return [];
  }
  return entries
    .filter(isOurs)
    .map((entry) => join(directory, entry))
    .filter((file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < beforeMs);
}
