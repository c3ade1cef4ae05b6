import { type CheckName, faultName } from './fault-texts.ts';
import type { Found } from './host-checks.ts';
import type { KeptCheck } from './ports.ts';
import type { StandingAlert } from './update-alerts.ts';

/** A check that is older says nothing about whether a fault lasts. */
const FRESH_MS = 5 * 60_000;

/**
 * How the alerts about faults stand after a check. A fault raises one when the check before found it too: what is gone
 * within the minute (a worker that starts, a mirror that is made) needs nobody. A check that finds none clears it.
 * Backups raise theirs themselves, see {@link backupAlert}.
 * @param before the check before this one; undefined: none is known.
 */
export function faultAlerts(
  checks: readonly ({ readonly name: CheckName } & Found)[],
  before: KeptCheck | undefined,
  nowMs: number,
): StandingAlert[] {
  const lasting = before && nowMs - before.atMs <= FRESH_MS ? before.faults : [];
  return checks
    .filter(({ name }) => name !== 'backup')
    .flatMap(({ name, ok, detail }) => {
      // Not cleared and not raised yet: as it stood.
      if (!ok && !lasting.includes(name)) return [];
      return [standing(name, !ok, detail)];
    });
}

/** How the alert about scheduled backups stands. @param problem why the last one failed; null: it is good. */
export function backupAlert(problem: string | null): StandingAlert {
  return standing('backup', problem !== null, problem ?? '');
}

function standing(name: CheckName, raised: boolean, detail: string): StandingAlert {
  return { name: faultName(name), raised, value: raised ? 1 : 0, threshold: 0, detail };
}
