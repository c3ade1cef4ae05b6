import type { ChildProcess } from 'node:child_process';
import { isAlive, type ProcessIdentity } from '../locks/process-identity.ts';

const POLL_MS = 200;

/** Calls back once when the process is gone: at once for a child of ours, within 0.2 s for another's. */
export function watchExit(
  identity: ProcessIdentity,
  child: ChildProcess | null,
  listener: () => void,
): () => void {
  if (child) {
    if (child.exitCode !== null || child.signalCode !== null) queueMicrotask(listener);
    child.once('exit', listener);
    return () => child.off('exit', listener);
  }
  const timer = setInterval(() => {
    if (isAlive(identity)) return;
    clearInterval(timer);
    listener();
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
