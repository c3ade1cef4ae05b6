/**
 * Resource locks among the processes that share a data directory: a process lock, which the kernel takes back from a
 * holder that dies, behind a line of tickets, which makes it fair (docs/decisions/0007-resource-locks.md).
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import type { ResourceLockView } from '../domain/resource-lock.ts';
import { DirectoryBell } from './directory-bell.ts';
import {
  DEFAULT_TIMEOUT_MS,
  type HeldResource,
  type ResourceWait,
  resourceBusy,
  resourceLost,
} from './held-resource.ts';
import { holderOf, type LockHolder, type ProcessLock } from './process-lock.ts';
import { fileNameOf } from './resource-name.ts';
import { countWaiting, drawTicket, hasTickets, nextAhead } from './tickets.ts';
import { tryInPlace } from './try-in-place.ts';

const LOCK = 'lock';
const NAME = 'name';
/** The first in the line looks this often, in ms: a holder that is killed rings no bell. */
const FIRST_LOOKS_MS = 50;
/** The others wait for the one before them, and look this often whether it was killed. */
const OTHERS_LOOK_MS = 250;
/** One that is first in the line and does not take the free lock (stopped, or too busy) is passed after this long. */
const PASS_AFTER_MS = 2000;
/** How often a holder looks whether somebody removed its lock's file. */
const CHECK_MS = 1000;

/** Where the locks of a data directory are. */
export function locksDir(dataDir: string): string {
  return join(dataDir, 'locks');
}

/**
 * Takes the lock, waiting in the line when it is not free.
 * @param directory see {@link locksDir}; made when it is missing.
 * @throws {RekindleError} `RESOURCE_BUSY` when the time is over, `NOT_WRITABLE`.
 * @throws the signal's reason when it is aborted.
 */
export async function acquireMachineLock(
  directory: string,
  name: string,
  wait: ResourceWait = {},
): Promise<HeldResource> {
  wait.signal?.throwIfAborted();
  const purpose = wait.purpose ?? basename(process.argv[1] ?? 'node');
  const place = join(directory, fileNameOf(name));
  makePlace(place);
  const lock =
    (hasTickets(place) ? null : tryPlace(place, purpose)) ?? (await stand(place, name, purpose, wait));
  try {
    if (!existsSync(join(place, NAME))) writeFileSync(join(place, NAME), name, 'utf16le');
    return new HeldPlace(name, lock);
  } catch (error) {
    // Nobody gets to hold it, so nobody would give it back.
    lock.release();
    throw notWritable(place, error as Error);
  }
}

/** Waits in the line. */
async function stand(place: string, name: string, purpose: string, wait: ResourceWait): Promise<ProcessLock> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = wait;
  const deadline = performance.now() + timeoutMs;
  using bell = new DirectoryBell(place);
  const ticket = drawTicket(place, purpose);
  const idle = new IdleTime(place);
  try {
    for (let pause = 1; ; pause = Math.min(pause * 2, FIRST_LOOKS_MS)) {
      signal?.throwIfAborted();
      const ahead = nextAhead(place, ticket);
      const lock = ahead === null || idle.ms() > PASS_AFTER_MS ? tryPlace(place, purpose) : null;
      if (lock) return lock;
      const left = deadline - performance.now();
      if (left <= 0) throw busy(place, name, timeoutMs);
      const rung = await bell.wait(
        ahead ?? `${LOCK}.holder`,
        Math.min(left, ahead ? OTHERS_LOOK_MS : pause),
        signal,
      );
      // The holder's word goes a moment before its lock.
      if (rung) pause = 0.5;
    }
  } finally {
    ticket.drop();
  }
}

/** How long nobody has been seen holding the lock. */
class IdleTime {
  readonly #place: string;
  #since: number | undefined;

  constructor(place: string) {
    this.#place = place;
  }

  ms(): number {
    this.#since = holderOf(join(this.#place, LOCK)) ? undefined : (this.#since ?? performance.now());
    return this.#since === undefined ? 0 : performance.now() - this.#since;
  }
}

function busy(place: string, name: string, timeoutMs: number) {
  // One's own ticket is still there.
  return resourceBusy(name, timeoutMs, holdingOf(holderOf(join(place, LOCK))), countWaiting(place) - 1);
}

function holdingOf(holder: LockHolder | null): ResourceLockView['holder'] {
  if (!holder) return null;
  const { pid, host } = holder.process;
  return { pid, host, purpose: holder.purpose, since: holder.since };
}

/** Takes the place's lock when it is free. Idle locks are removed: a file that is no longer there is no lock any more. */
function tryPlace(place: string, purpose: string): ProcessLock | null {
  const path = join(place, LOCK);
  for (;;) {
    const before = makeFile(place, path);
    if (before === null) continue;
    const lock = tryInPlace(path, purpose);
    if (!lock || before === fileAt(path)) return lock;
    lock.release();
  }
}

/** Makes the file when it is missing. One that is there is not opened: see docs/decisions/0002-process-locks.md. */
function makeFile(place: string, path: string): string | null {
  const there = fileAt(path);
  if (there) return there;
  makePlace(place);
  try {
    closeSync(openSync(path, 'wx'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Others made it, or removed the place.
    if (code !== 'EEXIST' && code !== 'ENOENT') throw notWritable(path, error as Error);
  }
  return fileAt(path);
}

function makePlace(place: string): void {
  try {
    mkdirSync(place, { recursive: true });
  } catch (error) {
    throw notWritable(place, error as Error);
  }
}

function notWritable(path: string, cause: Error): RekindleError {
  return new RekindleError('NOT_WRITABLE', `cannot make the lock file ${path}: ${cause.message}`, {
    hint: 'Check that the data directory is writable and has space.',
    cause,
  });
}

/** Tells a file from one that came to the same place later; null: there is none. */
function fileAt(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.ino}:${stat.birthtimeNs}` : null;
}

class HeldPlace implements HeldResource {
  readonly #name: string;
  readonly #lock: ProcessLock;
  readonly #file: string | null;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(name: string, lock: ProcessLock) {
    this.#name = name;
    this.#lock = lock;
    this.#file = fileAt(lock.path);
    this.#timer = setInterval(() => this.check(), CHECK_MS).unref();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  check(): void {
    if (this.lost.aborted || fileAt(this.#lock.path) === this.#file) return;
    clearInterval(this.#timer);
    this.#lost.abort(resourceLost(this.#name, `somebody removed its file ${this.#lock.path}`));
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    this.#lock.release();
  }
}

/** The locks of a data directory that somebody has or wants. */
export function listMachineLocks(directory: string): ResourceLockView[] {
  return placesIn(directory).flatMap((place) => {
    const holder = holdingOf(holderOf(join(place, LOCK)));
    const waiting = countWaiting(place);
    return holder || waiting > 0 ? { name: nameOf(place), scope: 'machine', holder, waiting } : [];
  });
}

/**
 * Removes the files of locks that nobody has or wants and nobody had for so long.
 * @returns how many.
 */
export function removeIdleLocks(directory: string, olderThanMs: number): number {
  let removed = 0;
  for (const place of placesIn(directory)) {
    const path = join(place, LOCK);
    // Locks are taken by a write.
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - usedAt < olderThanMs || countWaiting(place) > 0) continue;
    const lock = tryPlace(place, 'removing an idle lock');
    if (!lock) continue;
    // Under the lock: who waits for it meanwhile sees afterwards that it is another file.
    rmSync(path, { force: true });
    rmSync(join(place, NAME), { force: true });
    lock.release();
    try {
      rmdirSync(place);
    } catch {
      // Somebody came.
    }
    removed += 1;
  }
  return removed;
}

function placesIn(directory: string): string[] {
  try {
    return readdirSync(directory).map((entry) => join(directory, entry));
  } catch {
    return [];
  }
}

function nameOf(place: string): string {
  try {
    return readFileSync(join(place, NAME), 'utf16le');
  } catch {
    return basename(place);
  }
}
