import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** The server writes warnings only; one older file is kept. */
const MAX_LOG_BYTES = 5 * 1024 * 1024;
/** Enough for a start's output and for an error message. */
const TAIL_BYTES = 64 * 1024;

/** Opens the log for the server to append to, after putting a large one aside. Gives where its part begins. */
export function openServerLog(path: string): { fd: number; offset: number } {
  try {
    if (statSync(path).size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
  } catch {
    // There is none yet.
  }
  const fd = openSync(path, 'a');
  return { fd, offset: fstatSync(fd).size };
}

/** What the log holds from `offset` on, at most the last 64 KiB of it; empty when it cannot be read. */
export function readServerLog(path: string, offset: number): string {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const { size } = fstatSync(fd);
    const from = Math.max(offset, size - TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, size - from));
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, from));
  } catch {
    return '';
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
