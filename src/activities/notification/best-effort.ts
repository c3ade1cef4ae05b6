import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../logger.ts';

/** Before the second and the third try. Another writer holds the mirror for moments only. */
const PAUSES_MS = [50, 250];

/** Does what may fail without harm, a few times; the last failure is logged and nothing more. */
export async function bestEffort(log: Logger, complaint: string, work: () => void): Promise<void> {
  for (const pause of [...PAUSES_MS, null]) {
    try {
      work();
      return;
    } catch (error) {
      if (pause === null) log.warn({ err: error }, complaint);
      else await sleep(pause);
    }
  }
}
