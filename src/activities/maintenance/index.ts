import { Context } from '@temporalio/activity';
import { isRekindleError } from '../../domain/error-codes.ts';
import { shortMessage } from '../../failures/index.ts';
import type { Logger } from '../../logger.ts';
import { giveSpaceBack, isDamage, type MirrorKeeper, makeBackup, requireSound } from '../../mirror/index.ts';
import type { MaintenanceActivities } from '../maintenance-types.ts';
import { cleanFiles } from './clean-files.ts';
import { cleanMirror } from './clean-mirror.ts';
import type { MaintenanceSettings } from './settings.ts';

/** What the maintenance needs from outside. */
export interface MaintenanceDeps {
  /** The owner's. */
  readonly mirror: Pick<MirrorKeeper, 'use' | 'get'>;
  readonly settings: MaintenanceSettings;
  /** Raises or clears the alert about scheduled backups. @param problem why one failed; null: it is made. */
  readonly tellOfBackup: (problem: string | null) => Promise<void>;
  readonly log: Logger;
}

const HEARTBEAT_EVERY_MS = 10_000;
/** A backup that fails for so many tries (half a minute) is told; what passes sooner needs nobody. */
const TOLD_FROM_TRY = 3;

/** Makes the activities that keep the house in order. They run where the mirror is owned. */
export function createMaintenanceActivities(deps: MaintenanceDeps): MaintenanceActivities {
  const { mirror, settings, log } = deps;
  /** What cannot be told now is told with the next backup; the backup itself is not done again for it. */
  const tell = async (problem: string | null): Promise<void> => {
    try {
      await deps.tellOfBackup(problem);
    } catch (error) {
      log.warn({ err: error }, 'the alert about backups could not be brought up to date');
    }
  };
  return {
    async backUpMirror({ atMs }) {
      try {
        mirror.get();
        const { databasePath, backupsDirectory, backupsKept } = settings;
        const options = { keep: backupsKept, atMs, onStep: alive() };
        const { path, size, removed } = await makeBackup(databasePath, backupsDirectory, options);
        log.info({ path, size, removed }, 'the mirror was backed up');
        await tell(null);
        return { path, bytes: size, removed };
      } catch (error) {
        const hint = isRekindleError(error) ? error.hint : undefined;
        log.warn({ err: error, hint }, 'the mirror could not be backed up');
        // The next try then has a healed one, and the older backups are still there.
        if (isDamage(error)) mirror.use(requireSound);
        if (Context.current().info.attempt >= TOLD_FROM_TRY) await tell(shortMessage(error));
        throw error;
      }
    },

    async cleanMirror({ atMs }) {
      const removed = await cleanMirror(mirror, settings.cleanup, atMs, alive());
      log.info({ removed }, 'the mirror was cleaned up');
      return removed;
    },

    async cleanFiles({ atMs }) {
      const context = Context.current();
      const beating = setInterval(() => context.heartbeat(), HEARTBEAT_EVERY_MS);
      const removed = await cleanFiles(settings, atMs).finally(() => clearInterval(beating));
      log.info({ removed }, 'old files were removed');
      return removed;
    },

    async shrinkMirror({ fromShare }) {
      return await giveSpaceBack(mirror, { fromShare, onStep: alive() });
    },
  };
}

/** Says between pieces of the work that it goes on, and ends it when nobody wants it any more. */
function alive(): () => void {
  const context = Context.current();
  return () => {
    context.heartbeat();
    context.cancellationSignal.throwIfAborted();
  };
}

export { backupsDir, maintenanceSettings } from './settings.ts';
