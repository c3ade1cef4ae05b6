import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { TaskHandle, TaskSnapshot } from '../../src/client/task-handle.ts';
import { type Config, loadConfig } from '../../src/config.ts';

export const MIB = 1024 * 1024;

/** A part file's blocks; what of one has arrived is lost when its connection is. */
const MOST_FETCHED_AGAIN = 4 * MIB;

/** Documented attempts, but no waiting. */
export const QUICK_RETRIES = {
  retry: Object.fromEntries(
    Object.entries(loadConfig({}, {}).retry).map(([type, strategy]) => [
      type,
      { ...strategy, baseDelayMs: 5, maxDelayMs: 20 },
    ]),
  ),
} as unknown as Pick<Config, 'retry'>;

/** What is in a directory, and among it what is unfinished. */
export function filesIn(directory: string) {
  const all = readdirSync(directory);
  return { all, unfinished: all.filter((name) => name.startsWith('.') || name.includes('.part')) };
}

export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Whether so many bytes were sent for a file of this size, that nothing but a last block may have been sent twice. */
export function sentOnce(sent: number, size: number): boolean {
  return sent <= size + MOST_FETCHED_AGAIN;
}

/** Looks at the task until it is as wanted. */
export async function untilTask(
  task: TaskHandle,
  wanted: (snapshot: TaskSnapshot) => boolean,
): Promise<TaskSnapshot> {
  for await (const snapshot of task.watch({ intervalMs: 25 })) {
    if (wanted(snapshot)) return snapshot;
  }
  throw new Error('the task ended before it was as wanted');
}
