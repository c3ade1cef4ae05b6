/**
 * Exclusive locks by file path, across processes and within one. The kernel releases them when the holder dies,
 * however it dies, so there is nothing stale to clean up (docs/decisions/0002-process-locks.md).
 */
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { RekindleError } from '../domain/error-codes.ts';
import { identityOf, isAlive, type ProcessIdentity, parseIdentity } from './process-identity.ts';

/** Who holds a lock, as far as it said. */
export interface LockHolder {
  readonly process: ProcessIdentity;
  /** What it holds the lock for, e.g. the command. */
  readonly purpose: string;
  /** ISO 8601 in UTC. */
  readonly since: string;
}

/** A lock that this process holds; `path` is its file. */
export interface ProcessLock extends Disposable {
  readonly path: string;
  /** Gives the lock back; a second call does nothing. */
  release(): void;
}

/** How a lock is waited for. */
export interface AcquireOptions {
  /** How long to wait, in milliseconds. @default 30 s */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** What the lock is for; shown to those who wait. */
  readonly purpose?: string;
  /** Called once, when the lock is not free at the first try. */
  readonly onWait?: (holder: LockHolder | null) => void;
}

/** Tries while waiting: soon at first, since most locks are held for milliseconds. */
const FIRST_RETRY_MS = 5;
const MAX_RETRY_MS = 100;

/**
 * Takes the lock, or returns null when somebody holds it (also this process itself).
 * The file's directory is made when it is missing.
 * @throws {RekindleError} `NOT_WRITABLE` when the file cannot be created or written.
 */
export function tryLock(path: string, purpose = 'rekindle'): ProcessLock | null {
  const database = openLocked(path);
  if (!database) return null;
  writeHolder(path, purpose);
  return new HeldLock(path, database);
}

/**
 * Takes the lock, waiting for it when somebody holds it.
 * @throws {RekindleError} `TARGET_BUSY`, naming the holder, when the time is over.
 * @throws the signal's reason when it is aborted.
 */
export async function acquireLock(path: string, options: AcquireOptions = {}): Promise<ProcessLock> {
  const { timeoutMs = 30_000, signal, purpose = 'rekindle', onWait } = options;
  const deadline = performance.now() + timeoutMs;
  let pause = FIRST_RETRY_MS;
  for (let round = 0; ; round += 1) {
    signal?.throwIfAborted();
    const lock = tryLock(path, purpose);
    if (lock) return lock;
    if (round === 0) onWait?.(holderOf(path));
    const left = deadline - performance.now();
    if (left <= 0) throw busy(path, timeoutMs);
    // Jitter keeps two that wait for the same lock from trying in step.
    await delay(Math.min(left, pause * (0.5 + Math.random())), undefined, signal ? { signal } : {});
    pause = Math.min(pause * 2, MAX_RETRY_MS);
  }
}

/** Who holds the lock, or null when nobody does or the holder left no word. Best effort: for messages only. */
export function holderOf(path: string): LockHolder | null {
  try {
    const value = JSON.parse(readFileSync(sidecar(path), 'utf8')) as Partial<
      Record<keyof LockHolder, unknown>
    >;
    const holder = parseIdentity(value.process);
    if (!holder || !isAlive(holder)) return null;
    return { process: holder, purpose: String(value.purpose), since: String(value.since) };
  } catch {
    return null;
  }
}

/** Who held the lock and died with it: its word is still there. null: there is none, or its holder is alive. */
export function deadHolderOf(path: string): ProcessIdentity | null {
  try {
    const value = JSON.parse(readFileSync(sidecar(path), 'utf8')) as { process?: unknown };
    const holder = parseIdentity(value.process);
    return holder && !isAlive(holder) ? holder : null;
  } catch {
    return null;
  }
}

class HeldLock implements ProcessLock {
  readonly path: string;
  #database: Database.Database | null;

  constructor(path: string, database: Database.Database) {
    this.path = path;
    this.#database = database;
  }

  release(): void {
    const database = this.#database;
    if (!database) return;
    this.#database = null;
    try {
      // The word about the holder goes first: once the lock is free, the next holder writes its own.
      rmSync(sidecar(this.path), { force: true });
    } catch {
      // Only messages need it.
    } finally {
      database.close();
    }
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/**
 * The holder's word stands beside the lock file, never in it: a process that opens and closes a file by other
 * means than SQLite loses its own POSIX locks on it.
 */
function sidecar(path: string): string {
  return `${path}.holder`;
}

function writeHolder(path: string, purpose: string): void {
  const holder = { process: identityOf(), purpose, since: new Date().toISOString() };
  try {
    writeFileSync(sidecar(path), JSON.stringify(holder));
  } catch {
    // Only messages need it.
  }
}

/** SQLite's own file lock: taken by a write in exclusive mode, kept until the connection is closed. */
function openLocked(path: string): Database.Database | null {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return tryOpenLocked(path);
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return null;
    throw new RekindleError(
      'NOT_WRITABLE',
      `cannot lock ${path}: ${(error as Error).message}${ownerOf(path)}`,
      {
        hint: 'Check that the directory exists, is writable and has space, and that the file is no other file.',
        cause: error,
      },
    );
  }
}

function tryOpenLocked(path: string): Database.Database {
  try {
    return openExclusive(path);
  } catch (error) {
    if (!isRubbish(error) || !LOCK_FILE.test(path)) throw error;
    // Nobody holds it, else the answer had been that it is busy. Emptied in its place, not made anew: of two that do
    // this at once, both have the same file before them.
    truncateSync(path, 0);
    return openExclusive(path);
  }
}

function openExclusive(path: string): Database.Database {
  const database = new Database(path, { timeout: 0 });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    // Nothing in the file is worth a journal or an fsync; only the lock counts.
    database.pragma('journal_mode = MEMORY');
    database.pragma('synchronous = OFF');
    database.pragma(`user_version = ${process.pid}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Names of files that are locks and nothing else; any other file is left as it is. */
const LOCK_FILE = /(?:\.lock|\.ticket|[\\/]lock)$/;

function isRubbish(error: unknown): boolean {
  return /^SQLITE_(NOTADB|CORRUPT)/.test((error as { code?: string }).code ?? '');
}

/** Whose file it is, when it is another user's. */
function ownerOf(path: string): string {
  try {
    const { uid } = statSync(path);
    return uid === process.getuid?.() ? '' : `; the file belongs to another user (${uid})`;
  } catch {
    return '';
  }
}

function busy(path: string, timeoutMs: number): RekindleError {
  const holder = holderOf(path);
  const who = holder
    ? `process ${holder.process.pid} (${holder.purpose}) holds it since ${holder.since}`
    : 'another process holds it';
  return new RekindleError('TARGET_BUSY', `waited ${timeoutMs / 1000} s for ${path}: ${who}`, {
    hint: 'Wait for that process or end it; the lock is free as soon as it is gone.',
  });
}
