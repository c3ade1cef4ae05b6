/** Who uses the embedded server: each user holds a lock of its own, so one that was killed does not count. */
import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { holderOf, type LockHolder, type ProcessLock, tryLock } from '../locks/process-lock.ts';
import type { EngineFiles } from './engine-files.ts';

/** Takes a lease. Only under the engine's lock, so that the server is not stopped in between. */
export function takeLease(files: EngineFiles, purpose: string): ProcessLock {
  const lock = tryLock(join(files.users, `${process.pid}-${randomUUID().slice(0, 8)}.lock`), purpose);
  if (!lock) throw new Error('a new lock file is locked: this cannot be');
  return lock;
}

/** Gives a lease back and removes its file. Only under the engine's lock. */
export function dropLease(lease: ProcessLock): void {
  lease.release();
  rmSync(lease.path, { force: true });
}

/** Whether anybody uses the server; what killed users left is removed. Only under the engine's lock. */
export function hasUsers(files: EngineFiles): boolean {
  let used = false;
  for (const path of leases(files)) {
    const lock = tryLock(path);
    if (!lock) {
      used = true;
      continue;
    }
    dropLease(lock);
    rmSync(`${path}.holder`, { force: true });
  }
  return used;
}

/** The users as they told of themselves, for people to read. */
export function listUsers(files: EngineFiles): LockHolder[] {
  return leases(files)
    .map((path) => holderOf(path))
    .filter((holder) => holder !== null);
}

function leases(files: EngineFiles): string[] {
  try {
    return readdirSync(files.users)
      .filter((name) => name.endsWith('.lock'))
      .map((name) => join(files.users, name));
  } catch {
    return [];
  }
}
