import type { Config } from '../../config.ts';
import { type CleanUpKind, cleanUp, type MirrorKeeper } from '../../mirror/index.ts';
import type { MirrorCleaned } from '../maintenance-types.ts';

/** How long the mirror keeps each kind, in ms. */
export function retentions(cleanup: Config['cleanup']): Readonly<Record<CleanUpKind, number>> {
  const { completedTaskRetentionMs, sessionTimeoutMs, logRetentionMs, failureRetentionMs } = cleanup;
  return {
    tasks: completedTaskRetentionMs,
    sessions: sessionTimeoutMs,
    recoveryLogs: logRetentionMs,
    failures: failureRetentionMs,
    notifications: logRetentionMs,
    messages: logRetentionMs,
    measurements: logRetentionMs,
  };
}

/** Removes from the mirror what is older than it is kept. Doing it again removes nothing else. */
export async function cleanMirror(
  keeper: Pick<MirrorKeeper, 'use'>,
  cleanup: Config['cleanup'],
  atMs: number,
  onStep: () => void,
): Promise<MirrorCleaned> {
  const removed: Partial<Record<CleanUpKind, number>> = {};
  for (const [kind, keptMs] of Object.entries(retentions(cleanup)) as [CleanUpKind, number][])
    removed[kind] = await cleanUp(keeper, kind, atMs - keptMs, { onStep });
  return removed as MirrorCleaned;
}
