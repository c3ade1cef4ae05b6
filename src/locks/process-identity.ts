import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process, told apart from a later one that got the same PID. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the words of this system (clock ticks since boot on Linux); null: could not be found out. */
  readonly startedAt: string | null;
  /** Which run of the machine; null where the start time says it already. */
  readonly bootId: string | null;
}

/** The identity of a process that runs now; null when there is none with this PID. @default pid this process */
export function identityOf(pid: number = process.pid): ProcessIdentity | null {
  if (!exists(pid)) return null;
  const startedAt = startTime(pid);
  return startedAt === 'dead' ? null : { pid, startedAt, bootId: bootId() };
}

/**
 * Whether that very process still runs. A reused PID, a zombie and a process of an earlier boot are not alive.
 * What cannot be found out on this system (see {@link ProcessIdentity}) is not held against it.
 */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identityOf(identity.pid);
  if (!now) return false;
  return same(now.startedAt, identity.startedAt) && same(now.bootId, identity.bootId);
}

/** Reads an identity back from JSON; null when it is none. */
export function parseIdentity(value: unknown): ProcessIdentity | null {
  if (typeof value !== 'object' || value === null) return null;
  const { pid, startedAt, bootId: boot } = value as Partial<Record<keyof ProcessIdentity, unknown>>;
  // A PID of 0 or below addresses process groups when a signal is sent to it.
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
  const text = (part: unknown) => (typeof part === 'string' ? part : null);
  return { pid, startedAt: text(startedAt), bootId: text(boot) };
}

function same(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function startTime(pid: number): string | 'dead' | null {
  if (process.platform === 'linux') return startTimeFromProc(pid);
  if (process.platform === 'win32') return null;
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text || 'dead';
  } catch {
    return null;
  }
}

/** Field 22 of /proc/PID/stat, see proc(5); the name before it may hold spaces and brackets. */
function startTimeFromProc(pid: number): string | 'dead' | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    if (state === 'Z' || state === 'X') return 'dead';
    return fields[19] ?? null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'dead' : null;
  }
}

let knownBootId: string | null | undefined;

function bootId(): string | null {
  if (knownBootId === undefined) {
    try {
      knownBootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    } catch {
      knownBootId = null;
    }
  }
  return knownBootId;
}
