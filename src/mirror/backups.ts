import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type BackupOptions, type BackupResult, backupMirror } from './backup.ts';

/** Which backups are kept. */
export interface BackupsKept {
  /** So many of the latest. */
  readonly last: number;
  /** And the last one of each of the latest so many days (UTC) that have one. */
  readonly days: number;
}

/** A backup that stands in the directory of backups. */
export interface BackupFile {
  readonly path: string;
  /** When it was begun, in ms since the epoch, as its name says. */
  readonly atMs: number;
  readonly size: number;
}

const NAME = /^recovery-(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)\.db$/;

/** `recovery-YYYYMMDD_HHMMSS.db`, in UTC: an hour that a clock repeats in autumn must not replace a backup. */
export function backupName(atMs: number): string {
  const digits = new Date(atMs).toISOString().replaceAll(/\D/g, '');
  return `recovery-${digits.slice(0, 8)}_${digits.slice(8, 14)}.db`;
}

/** The backups of a directory, the newest first. Files with other names are not ours. */
export function listBackups(directory: string): BackupFile[] {
  return namesIn(directory)
    .flatMap((name) => {
      const atMs = timeOf(name);
      const path = join(directory, name);
      const stat = atMs === null ? undefined : statSync(path, { throwIfNoEntry: false });
      return atMs !== null && stat?.isFile() ? { path, atMs, size: stat.size } : [];
    })
    .sort((a, b) => b.atMs - a.atMs);
}

function timeOf(name: string): number | null {
  const parts = NAME.exec(name)?.slice(1).map(Number);
  if (!parts) return null;
  const [year = 0, month = 1, day = 0, hour = 0, minute = 0, second = 0] = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/**
 * The backups that are not kept. It depends on the backups alone and not on the time: a computer that was off for a
 * month, or whose clock is wrong, loses none of its last ones. One of the future (the clock was set back) counts
 * as the oldest of all.
 */
export function surplusBackups(
  backups: readonly BackupFile[],
  { last, days }: BackupsKept,
  nowMs: number,
): BackupFile[] {
  const rank = ({ atMs }: BackupFile): number => (atMs > nowMs ? atMs - 2 * nowMs : atMs);
  const ordered = [...backups].sort((a, b) => rank(b) - rank(a));
  const kept = new Set(ordered.slice(0, last));
  const seen = new Set<number>();
  for (const backup of ordered) {
    const day = Math.floor(backup.atMs / DAY_MS);
    if (seen.has(day)) continue;
    if (seen.size === days) break;
    seen.add(day);
    kept.add(backup);
  }
  return ordered.filter((backup) => !kept.has(backup));
}

const DAY_MS = 86_400_000;

/** Removes the backups that are not kept. Doing it again does nothing. @returns how many. */
export function rotateBackups(directory: string, keep: BackupsKept, nowMs: number): number {
  const surplus = surplusBackups(listBackups(directory), keep, nowMs);
  for (const { path } of surplus) rmSync(path, { force: true });
  return surplus.length;
}

/** How {@link makeBackup} goes about it. */
export interface MakeBackupOptions extends BackupOptions {
  readonly keep: BackupsKept;
  /** Its name shows this moment; the same moment again replaces it. In ms since the epoch. */
  readonly atMs: number;
}

/**
 * Makes a backup in the directory of backups; when it stands, those that are not kept any more go.
 * @throws as {@link backupMirror}; then all older ones are still there.
 */
export async function makeBackup(
  path: string,
  directory: string,
  { keep, atMs, onStep }: MakeBackupOptions,
): Promise<BackupResult & { readonly removed: number }> {
  const made = await backupMirror(path, join(directory, backupName(atMs)), { onStep });
  return { ...made, removed: rotateBackups(directory, keep, Math.max(atMs, Date.now())) };
}
