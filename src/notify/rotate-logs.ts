import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A documented log file that was put aside, and the documented ones. */
const ROTATED = /^(?:admin_alerts|user_notifications)-\d{8}_\d{6}\.log$/;
const CURRENT = /^(?:admin_alerts|user_notifications)\.log$/;
/** A first line longer than this is not read to its end. */
const FIRST_LINE_BYTES = 65_536;

/** What became of the log files. */
export interface LogsRotated {
  readonly rotated: number;
  readonly removed: number;
}

/**
 * Puts a log file aside whose first line is older than a moment, and removes those put aside whose last line is. So
 * every line is kept at least that long and at most twice.
 *
 * A file is renamed and never cut: who writes just then (it opens the file for each batch) writes to its end under
 * either name, `tail -F` and log shippers follow a rename, and no line is lost, as it can be when a file is
 * copied and emptied.
 * @param beforeMs in ms since the epoch. @param atMs the time of the new name.
 */
export async function rotateLogs(directory: string, beforeMs: number, atMs: number): Promise<LogsRotated> {
  let rotated = 0;
  let removed = 0;
  for (const name of await namesIn(directory)) {
    const path = join(directory, name);
    if (ROTATED.test(name) && (await stat(path)).mtimeMs < beforeMs) {
      await rm(path, { force: true });
      removed += 1;
    } else if (CURRENT.test(name) && (await firstLineMs(path)) < beforeMs) {
      if (await putAside(path, join(directory, name.replace('.log', `-${stamp(atMs)}.log`)))) rotated += 1;
    }
  }
  return { rotated, removed };
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** When the file was begun. A line of somebody else's has no time; then the file's own birth counts. */
async function firstLineMs(path: string): Promise<number> {
  await using file = await open(path, 'r');
  const { birthtimeMs, size } = await file.stat();
  if (size === 0) return Number.POSITIVE_INFINITY;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_LINE_BYTES), 0, FIRST_LINE_BYTES, 0);
  const [line = ''] = buffer.subarray(0, bytesRead).toString('utf8').split('\n', 1);
  const time = /^\{"time":"([^"]+)"/.exec(line)?.[1];
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(ms) ? birthtimeMs : ms;
}

async function putAside(path: string, aside: string): Promise<boolean> {
  const taken = await stat(aside).then(
    () => true,
    () => false,
  );
  if (taken) return false;
  await rename(path, aside);
  return true;
}

/** `YYYYMMDD_HHMMSS` in UTC, as the lines' times. */
function stamp(atMs: number): string {
  const digits = new Date(atMs).toISOString().replaceAll(/\D/g, '');
  return `${digits.slice(0, 8)}_${digits.slice(8, 14)}`;
}
