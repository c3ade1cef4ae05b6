import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, isForeign, type ProcessIdentity } from '../locks/process-identity.ts';

const POLL_MS = 5;
/** A killed process is gone at once, unless the kernel waits for a disk. */
const KILL_TIMEOUT_MS = 10_000;

/**
 * Ends a process: SIGTERM, and SIGKILL when it still runs after `graceMs` (0: SIGKILL at once).
 * @returns how it went; `gone` when it did not run, or runs in another container, where it is not ours to end.
 */
export async function endProcess(
  identity: ProcessIdentity,
  graceMs: number,
): Promise<'gone' | 'stopped' | 'killed'> {
  if (!isAlive(identity) || isForeign(identity)) return 'gone';
  if (graceMs > 0) {
    send(identity.pid, 'SIGTERM');
    if (await isGone(identity, graceMs)) return 'stopped';
  }
  send(identity.pid, 'SIGKILL');
  await isGone(identity, KILL_TIMEOUT_MS);
  return 'killed';
}

/** Waits until the process is gone; false when it still runs after `timeoutMs`. */
async function isGone(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(identity)) {
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
