/** From what was seen in a drill to what it means. Pure. */
import { type FaultKind, INTERRUPTING } from './plan.ts';
import { PROMISES } from './promises.ts';
import { type SeenRecovery, unrecordedKills } from './recoveries.ts';

/** A fault and what came of it. */
export interface SeenFault {
  readonly kind: FaultKind;
  /** When it struck, in ms since the epoch. */
  readonly atMs: number;
  /** Downloads that were under way when it struck. */
  readonly inFlight: number;
  /**
   * Until each of what it hit went on, in ms; null: not within the time. For a worker these are the downloads under
   * way, for the keeper, the spare and the engine they themselves.
   */
  readonly goingOnMs: readonly (number | null)[];
}

/** A task and what came of it. */
export interface SeenTask {
  readonly taskId: string;
  readonly size: number;
  /** Bytes that the server sent for it. */
  readonly sent: number;
  /** How it has to end. */
  readonly mustBe: 'completed' | 'failed';
  /** null: Temporal knows no such task. */
  readonly status: string | null;
  /** Runs that Temporal has of it. */
  readonly runs: number;
  /** How often each step was completed, over all runs. */
  readonly steps: Readonly<Record<string, number>>;
  readonly retryCount: number;
  readonly recoveryAttempts: number;
  /** Whether it met an error that is its own to retry, e.g. a full disk. */
  readonly metFault: boolean;
  /** Whether the file is there and its hash is right. */
  readonly contentRight: boolean;
}

/** All that was seen. */
export interface Seen {
  readonly faults: readonly SeenFault[];
  readonly tasks: readonly SeenTask[];
  /** Share of tasks that the mirror showed as Temporal did by itself, 0–1; null: it could not be read. */
  readonly mirrorBefore: number | null;
  /** How long after the end of the last task it did, in ms. */
  readonly mirrorSettledMs: number;
  /** The same after everything was compared. */
  readonly mirrorAfter: number | null;
  /** What rekindle itself wrote down of the crashes. */
  readonly recoveries: readonly SeenRecovery[];
  /** Command lines of processes that still ran at the end. */
  readonly leftRunning: readonly string[];
}

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** What happened, in numbers. */
export interface DrillAccount {
  readonly kills: Readonly<Partial<Record<FaultKind, number>>>;
  /** In ms. */
  readonly goingOn: Readonly<Partial<Record<FaultKind, Spread>>>;
  readonly neverWentOn: number;
  readonly tasks: number;
  readonly bytes: number;
  readonly bytesAgain: number;
  /** For each download and kill that interrupted it; without tasks that met another fault. */
  readonly bytesAgainForEach: number;
  readonly tasksLost: readonly string[];
  readonly tasksDoneTwice: readonly string[];
  readonly finishedStepsRepeated: number;
  readonly wrongContent: readonly string[];
  readonly budgetsBurnt: number;
  readonly mirrorBefore: number | null;
  readonly mirrorSettledMs: number;
  readonly mirrorAfter: number | null;
  /** Recovery sessions that ended well, and all there were. */
  readonly recoveriesCompleted: number;
  readonly recoveries: number;
  /** Faults that interrupted work and that no completed recovery session tells of, with their time. */
  readonly killsUnrecorded: readonly string[];
  readonly leftRunning: readonly string[];
  readonly broken: readonly BrokenPromise[];
}

/** A promise that was not kept. */
export interface BrokenPromise {
  readonly promise: string;
  readonly promised: number;
  readonly found: number | null;
}

/** Adds up what was seen, and says which promises are broken. */
export function accountOf(seen: Seen): DrillAccount {
  const { faults, tasks, mirrorBefore, mirrorSettledMs, mirrorAfter, recoveries, leftRunning } = seen;
  const ids = (wanted: (task: SeenTask) => boolean): string[] =>
    tasks.filter(wanted).map(({ taskId }) => taskId);
  const interruptions = sum(
    faults.filter(({ kind }) => INTERRUPTING.includes(kind)).map(({ inFlight }) => inFlight),
  );
  const again = (of: readonly SeenTask[]): number =>
    sum(of.map(({ sent, size }) => Math.max(0, sent - size)));
  // What came while it could not be written is no kill's doing.
  const againByKills = again(tasks.filter(({ metFault }) => !metFault));
  const account = {
    kills: countedBy(faults.map(({ kind }) => kind)),
    goingOn: goingOnOf(faults),
    neverWentOn: faults.flatMap(({ goingOnMs }) => goingOnMs).filter((ms) => ms === null).length,
    tasks: tasks.length,
    bytes: sum(tasks.map(({ size }) => size)),
    bytesAgain: again(tasks),
    bytesAgainForEach: interruptions === 0 ? 0 : againByKills / interruptions,
    tasksLost: ids(({ status, mustBe }) => status !== mustBe),
    tasksDoneTwice: ids(({ runs, recoveryAttempts }) => runs > 1 + recoveryAttempts),
    finishedStepsRepeated: sum(tasks.map(repeatedSteps)),
    wrongContent: ids(({ status, contentRight }) => status === 'completed' && !contentRight),
    budgetsBurnt: sum(
      tasks
        .filter(({ metFault }) => !metFault)
        .map(({ retryCount, recoveryAttempts }) => retryCount + recoveryAttempts),
    ),
    mirrorBefore,
    mirrorSettledMs,
    mirrorAfter,
    recoveriesCompleted: recoveries.filter(({ status }) => status === 'completed').length,
    recoveries: recoveries.length,
    killsUnrecorded: unrecordedKills(faults, recoveries).map(
      ({ kind, atMs }) => `${kind} at ${new Date(atMs).toISOString()}`,
    ),
    leftRunning,
  };
  return { ...account, broken: brokenIn(account) };
}

function repeatedSteps({ steps }: SeenTask): number {
  return sum(Object.values(steps).map((times) => Math.max(0, times - 1)));
}

function goingOnOf(faults: readonly SeenFault[]): Partial<Record<FaultKind, Spread>> {
  const byKind = Map.groupBy(faults, ({ kind }) => kind);
  return Object.fromEntries(
    [...byKind].flatMap(([kind, same]) => {
      const times = same.flatMap(({ goingOnMs }) => goingOnMs).filter((ms) => ms !== null);
      return times.length === 0 ? [] : [[kind, spreadOf(times)]];
    }),
  );
}

/** Of a non-empty list. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}

function countedBy(kinds: readonly FaultKind[]): Partial<Record<FaultKind, number>> {
  const counts: Partial<Record<FaultKind, number>> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function brokenIn(account: Omit<DrillAccount, 'broken'>): BrokenPromise[] {
  const atMost = (promise: string, promised: number, found: number): BrokenPromise[] =>
    found <= promised ? [] : [{ promise, promised, found }];
  const atLeast = (promise: string, promised: number, found: number | null): BrokenPromise[] =>
    found !== null && found >= promised ? [] : [{ promise, promised, found }];
  return [
    ...atMost('tasksLost', PROMISES.tasksLost, account.tasksLost.length),
    ...atMost('tasksDoneTwice', PROMISES.tasksDoneTwice, account.tasksDoneTwice.length),
    ...atMost('finishedStepsRepeated', PROMISES.finishedStepsRepeated, account.finishedStepsRepeated),
    ...atMost('wrongContent', PROMISES.wrongContent, account.wrongContent.length),
    ...atMost('budgetsBurnt', PROMISES.budgetsBurnt, account.budgetsBurnt),
    ...atMost('bytesAgainForEach', PROMISES.bytesAgainForEach, account.bytesAgainForEach),
    ...atLeast('mirrorBefore', PROMISES.mirrorBefore, account.mirrorBefore),
    ...atMost('mirrorSettledMs', PROMISES.mirrorSettledMs, account.mirrorSettledMs),
    ...atLeast('mirrorAfter', PROMISES.mirrorAfter, account.mirrorAfter),
    ...atMost('killsUnrecorded', PROMISES.killsUnrecorded, account.killsUnrecorded.length),
    ...atMost('leftRunning', PROMISES.leftRunning, account.leftRunning.length),
    ...atMost('neverWentOn', 0, account.neverWentOn),
    ...Object.entries(account.goingOn).flatMap(([kind, { p95 }]) =>
      atMost(`goingOnMs.${kind}`, PROMISES.goingOnMs[kind as FaultKind], p95),
    ),
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
