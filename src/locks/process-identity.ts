import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, told apart from a later one that got the same PID. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the words of this system (clock ticks since boot on Linux); null: could not be found out. */
  readonly startedAt: string | null;
  /** Which run of the machine; null where the start time says it already. */
  readonly bootId: string | null;
  /** In which PID namespace, that is, in which container, its number counts; null: there is only one. */
  readonly pidNamespace: string | null;
  /** Name of the machine or container. */
  readonly host: string | null;
}

/** The identity of a process that runs now; null when there is none with this PID. @default pid this process */
export function identityOf(pid: number = process.pid): ProcessIdentity | null {
  if (!exists(pid)) return null;
  const startedAt = startTime(pid);
  return startedAt === 'dead' ? null : { pid, startedAt, ...here() };
}

/**
 * Whether that very process still runs. A reused PID, a zombie and a process of an earlier boot are not alive.
 * What cannot be found out on this system (see {@link ProcessIdentity}) is not held against it, and so a process
 * of another container ({@link isForeign}) counts as alive.
 */
export function isAlive(identity: ProcessIdentity): boolean {
  if (!same(here().bootId, identity.bootId)) return false;
  if (!inThisNamespace(identity)) return isForeign(identity);
  const now = identityOf(identity.pid);
  return now !== null && same(now.startedAt, identity.startedAt);
}

/** Whether it ran before the machine was last started. false, too, where that cannot be found out. */
export function isEarlierBoot({ bootId }: ProcessIdentity): boolean {
  return !same(here().bootId, bootId);
}

/**
 * Whether it belongs to another container that shares our files: its number says nothing here, so it can neither be
 * looked at nor sent a signal. Another PID namespace of the *same* host name is an earlier run of this container: what
 * ran in it ended with it. (So containers that share files need host names of their own; Docker gives them such.)
 */
export function isForeign(identity: ProcessIdentity): boolean {
  return !inThisNamespace(identity) && !same(here().host, identity.host);
}

function inThisNamespace(identity: ProcessIdentity): boolean {
  return same(here().pidNamespace, identity.pidNamespace);
}

/** Reads an identity back from JSON; null when it is none. */
export function parseIdentity(value: unknown): ProcessIdentity | null {
  if (typeof value !== 'object' || value === null) return null;
  const { pid, startedAt, bootId, pidNamespace, host } = value as Partial<
    Record<keyof ProcessIdentity, unknown>
  >;
  // A PID of 0 or below addresses process groups when a signal is sent to it.
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
  const text = (part: unknown) => (typeof part === 'string' ? part : null);
  return {
    pid,
    startedAt: text(startedAt),
    bootId: text(bootId),
    pidNamespace: text(pidNamespace),
    host: text(host),
  };
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

type Here = Pick<ProcessIdentity, 'bootId' | 'pidNamespace' | 'host'>;
let known: Here | undefined;

/** Where this process is; the same for all that it can see by their numbers. */
function here(): Here {
  known ??= {
    bootId: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
    host: orNull(hostname),
  };
  return known;
}

function orNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
