/** What a killed process leaves in the data directory. Only what nobody alive uses is removed. */
import { existsSync, readdirSync, rmSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { engineFiles } from '../engine/engine-files.ts';
import { hasUsers } from '../engine/users.ts';
import { locksDir } from '../locks/machine-lock.ts';
import { deadHolderOf, tryLock } from '../locks/process-lock.ts';
import { removeDeadTickets } from '../locks/tickets.ts';
import { sessionsDir } from './session-files.ts';

/** What was cleaned. */
export interface Cleaned {
  /** Paths in the data directory. */
  readonly paths: readonly string[];
  readonly problems: readonly string[];
}

/** Whoever still writes a file touches it more often than this. In ms. */
const QUIET_MS = 10_000;
const ENGINE_LOCK_WAIT_MS = 2000;
const PAUSE_MS = 50;

/** Removes words of dead lock holders, dead leases on the engine, and places of the dead in the lines before locks. */
export async function releaseLocks(dataDir: string, databasePath: string): Promise<Cleaned> {
  const paths: string[] = [];
  const problems: string[] = [];
  const attempt = (path: string, work: () => boolean): void => {
    try {
      if (work()) paths.push(relative(dataDir, path));
    } catch (error) {
      problems.push(`${path}: ${(error as Error).message}`);
    }
  };
  for (const path of lockFiles(dataDir, databasePath)) attempt(path, () => takeFromTheDead(path));
  for (const place of entries(locksDir(dataDir))) attempt(place, () => removeDeadTickets(place) > 0);
  const leases = await deadLeases(dataDir).catch((error: Error) => {
    problems.push(error.message);
    return [];
  });
  return { paths: [...paths, ...leases.map((path) => relative(dataDir, path))], problems };
}

function lockFiles(dataDir: string, databasePath: string): string[] {
  const { lock } = engineFiles(dataDir);
  const inRun = entries(join(dataDir, 'run')).filter((path) => path.endsWith('.lock'));
  const named = entries(locksDir(dataDir)).map((place) => join(place, 'lock'));
  return [...new Set([lock, `${databasePath}.lock`, ...inRun, ...named])].filter((path) => existsSync(path));
}

/** The kernel has released it; what it said of itself is still there. Taken and given back, that goes too. */
function takeFromTheDead(path: string): boolean {
  if (!deadHolderOf(path)) return false;
  const lock = tryLock(path, 'recovery');
  lock?.release();
  return lock !== null;
}

async function deadLeases(dataDir: string): Promise<string[]> {
  const files = engineFiles(dataDir);
  const before = entries(files.users).filter((path) => path.endsWith('.lock'));
  if (!before.some((path) => deadHolderOf(path))) return [];
  const deadline = performance.now() + ENGINE_LOCK_WAIT_MS;
  for (;;) {
    using lock = tryLock(files.lock, 'recovery');
    if (lock) {
      hasUsers(files);
      return before.filter((path) => !existsSync(path));
    }
    // Somebody starts or stops the engine, and sees to the leases then.
    if (performance.now() > deadline) return [];
    await delay(PAUSE_MS);
  }
}

/** Which left-over files may go. */
export interface LeftOverOptions {
  readonly dataDir: string;
  readonly databasePath: string;
  /** Whether a scan runs, whose pages are still needed; it goes on after a crash. */
  readonly scanRuns: () => Promise<boolean>;
  readonly signal?: AbortSignal | undefined;
  /** A file that was changed lately is looked at again after this long, in ms. @default 10 s */
  readonly quietMs?: number | undefined;
}

/**
 * Removes files that somebody began to write and never finished. One that was changed just now may be another process's:
 * it goes when it has not changed for a while.
 */
export async function removeLeftOvers(options: LeftOverOptions): Promise<Cleaned> {
  const { dataDir, quietMs = QUIET_MS, signal } = options;
  const found = await leftOvers(options);
  const fresh = found.filter(({ stats }) => !isOld(stats, quietMs));
  const old = found.filter((one) => !fresh.includes(one));
  const paths: string[] = [];
  const problems: string[] = [];
  const remove = ({ path }: LeftOver): void => {
    try {
      rmSync(path, { recursive: true, force: true });
      paths.push(relative(dataDir, path));
    } catch (error) {
      problems.push(`${path}: ${(error as Error).message}`);
    }
  };
  for (const one of old) remove(one);
  if (fresh.length > 0) {
    const waited = await delay(quietMs, true, signal ? { signal } : {}).catch(() => false);
    for (const one of fresh) if (waited && unchanged(one)) remove(one);
  }
  return { paths, problems };
}

interface LeftOver {
  readonly path: string;
  readonly stats: Stats;
}

const SQLITE = '(?:-wal|-shm|-journal)?$';
/** A database under a name that it was to lose. */
const UNFINISHED = new RegExp(`\\.(?:unfinished|rebuild|restoring)${SQLITE}`);
/** `<name>.<pid>.tmp`, `.<kind>-<uuid>.tmp`, `engine.json.new`, `.doctor-<pid>`. */
const TEMPORARY = /(?:\.tmp|\.json\.new)$|^\.doctor-\d+$/;

async function leftOvers({ dataDir, databasePath, scanRuns }: LeftOverOptions): Promise<LeftOver[]> {
  const reports = join(dataDir, 'reports');
  const runDirs = [join(dataDir, 'run'), sessionsDir(dataDir)];
  const temporaryIn = [dataDir, ...runDirs, engineFiles(dataDir).dir, reports].concat(
    entries(reports).filter((path) => !basename(path).startsWith('.')),
  );
  const inside = dirname(databasePath) === dataDir ? [] : [dirname(databasePath)];
  const databasesIn = [dataDir, join(dataDir, 'backups'), ...inside];
  // Another program's file may end like ours: in a directory that is not ours only names of ours count.
  const isOurs = (path: string): boolean =>
    !inside.includes(dirname(path)) || basename(path).startsWith(basename(databasePath));
  const files = [
    ...temporaryIn.flatMap(entries).filter((path) => TEMPORARY.test(basename(path))),
    ...databasesIn.flatMap(entries).filter((path) => UNFINISHED.test(basename(path)) && isOurs(path)),
  ];
  const pages = entries(reports).filter((path) => basename(path).startsWith('.scan-'));
  const mayGo = pages.length > 0 && !(await scanRuns()) ? pages : [];
  return [...new Set([...files, ...mayGo])].flatMap((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats ? [{ path, stats }] : [];
  });
}

/** A time in the future (the clock was set back) says nothing: such a file is looked at twice. */
function isOld({ mtimeMs }: Stats, quietMs: number): boolean {
  return Date.now() - mtimeMs > quietMs;
}

function unchanged({ path, stats }: LeftOver): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now !== undefined && now.mtimeMs === stats.mtimeMs && now.size === stats.size;
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}
