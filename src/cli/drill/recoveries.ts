/** Whether rekindle knows of the crashes it was put through: each must be in its history as recovered from. Pure. */
import type { SeenFault } from './account.ts';
import { type FaultKind, INTERRUPTING } from './plan.ts';

/** A recovery session (clean, recover, validate) as `rekindle history` and the table `sessions` tell of it. */
export interface SeenRecovery {
  readonly cause: string;
  readonly status: string;
  /** When the crash was noticed, and when it had been got over; ms since the epoch. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** Several crashes that follow each other at once may be got over in one go. */
  readonly deadWorkers: number;
}

/** What `up` takes a fault for. */
const CAUSE: Readonly<Partial<Record<FaultKind, string>>> = {
  worker: 'worker',
  supervisor: 'supervisor',
  everything: 'supervisor',
};
/** Until a crash is noticed at the latest: everything has to be started again. In ms. */
const NOTICED_WITHIN_MS = 60_000;
/** A session is written down when it ends: files are given 10 s to prove unused, steps 30 s to go on. In ms. */
const SESSION_MS = 45_000;
/** When the next fault is one of these before that, the session is cut short, or has nowhere to be written to. */
const CUTTING_SHORT: readonly FaultKind[] = ['supervisor', 'everything', 'disk-full'];

/** @returns the faults that interrupted work, and that no completed session tells of. */
export function unrecordedKills(
  faults: readonly SeenFault[],
  recoveries: readonly SeenRecovery[],
): SeenFault[] {
  const room = new Map(
    recoveries
      .filter(({ status }) => status === 'completed')
      .sort((a, b) => a.endedMs - b.endedMs)
      .map((one) => [one, Math.max(1, one.deadWorkers)]),
  );
  return faults.filter((fault) => {
    if (!INTERRUPTING.includes(fault.kind) || fault.inFlight === 0) return false;
    const found = [...room].find(([recovery, left]) => left > 0 && tellsOf(recovery, fault));
    if (found) room.set(found[0], found[1] - 1);
    return !found && !faults.some((other) => cutsShort(other, fault));
  });
}

function tellsOf({ cause, startedMs, endedMs }: SeenRecovery, { kind, atMs }: SeenFault): boolean {
  return cause === CAUSE[kind] && endedMs >= atMs && startedMs <= atMs + NOTICED_WITHIN_MS;
}

function cutsShort(other: SeenFault, { atMs }: SeenFault): boolean {
  const laterMs = other.atMs - atMs;
  return CUTTING_SHORT.includes(other.kind) && laterMs > 0 && laterMs < SESSION_MS;
}
