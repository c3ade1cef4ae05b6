/** What keeps the house in order, on queue `monitoring`: the process that owns the mirror does it. */
import { ApplicationFailure, isCancellation, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type {
  BackupSummary,
  FilesCleaned,
  MaintenanceActivities,
  MirrorCleaned,
  MirrorShrunk,
} from '../activities/maintenance-types.ts';

const { backUpMirror, cleanMirror, cleanFiles, shrinkMirror } = proxyActivities<MaintenanceActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '2 minutes',
  // The next one comes within the hour, and finds what this one left.
  scheduleToCloseTimeout: '50 minutes',
  retry: { initialInterval: '10 seconds', maximumInterval: '5 minutes' },
});

/** A file of which less is free is left alone. */
const SHRINK_FROM_SHARE = 0.25;

/** Makes a backup of the mirror; started by a schedule every `recovery.database.backup_interval`. */
export async function mirrorBackup(): Promise<BackupSummary> {
  return await backUpMirror({ atMs: startedMs() });
}

/** What a clean-up removed; null: that part could not be done. */
export interface CleanUpResult {
  readonly mirror: MirrorCleaned | null;
  readonly files: FilesCleaned | null;
  readonly space: MirrorShrunk | null;
}

/**
 * Removes what is older than it is kept, from the mirror and from the disk, and gives the space back; started by a
 * schedule every hour. A part that cannot be done does not hold up the others.
 */
export async function cleanUp(): Promise<CleanUpResult> {
  const atMs = startedMs();
  const problems: string[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (isCancellation(error)) throw error;
      problems.push(messageOf(error));
      return null;
    }
  };
  const [mirror, files] = await Promise.all([
    attempt(() => cleanMirror({ atMs })),
    attempt(() => cleanFiles({ atMs })),
  ]);
  const space = await attempt(() => shrinkMirror({ fromShare: SHRINK_FROM_SHARE }));
  if (problems.length > 0) {
    const details = [{ mirror, files, space }];
    throw ApplicationFailure.create({ message: problems.join('; '), type: 'CleanUpIncomplete', details });
  }
  return { mirror, files, space };
}

/** Gives all free space of the mirror back: `rekindle mirror vacuum` beside the process that owns it. */
export async function mirrorVacuum(): Promise<MirrorShrunk> {
  return await shrinkMirror({ fromShare: 0 });
}

/** What ages are counted from: the same for each try. */
function startedMs(): number {
  return workflowInfo().startTime.getTime();
}

/** An activity's failure only wraps what happened. */
function messageOf(error: unknown): string {
  const { cause } = error as Error;
  return cause instanceof Error ? cause.message : String(error);
}
