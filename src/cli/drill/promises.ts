import type { FaultKind } from './plan.ts';

/**
 * What rekindle promises about crashes, with its numbers: a drill that finds one of them broken ends with exit code 1.
 * The times leave room for a busy machine; what an idle one does is in docs/decisions/0010-supervisor.md.
 */
export const PROMISES = {
  /** Tasks whose start was acknowledged and that did not end as they have to. */
  tasksLost: 0,
  /** Tasks with more than one run: nobody recovered them, so they were begun twice. */
  tasksDoneTwice: 0,
  /** Steps that were done again although the history has their result. */
  finishedStepsRepeated: 0,
  /** Files whose SHA-256 is not that of the content. */
  wrongContent: 0,
  /** Retries booked on tasks that met no error: a crash is not theirs. */
  budgetsBurnt: 0,
  /** Bytes that a kill costs for each download that it interrupts, on average. */
  bytesAgainForEach: 512 * 1024,
  /** Share of tasks that the mirror shows as Temporal does, by itself. */
  mirrorBefore: 0.999,
  /** How long after the end of the last task, in ms. */
  mirrorSettledMs: 20_000,
  /** The same after it was compared with all of Temporal. */
  mirrorAfter: 1,
  /** Kills that interrupted work, and that the history does not tell of as recovered from. */
  killsUnrecorded: 0,
  /** Processes left running at the end. */
  leftRunning: 0,
  /** From the fault (for one that lasts: from its end) until what it hit goes on, in ms: 95 of 100 cases. */
  goingOnMs: {
    worker: 3000,
    spare: 15_000,
    keeper: 10_000,
    supervisor: 15_000,
    engine: 5000,
    everything: 10_000,
    network: 15_000,
    'disk-full': 30_000,
  },
} as const satisfies { readonly goingOnMs: Readonly<Record<FaultKind, number>> } & Record<string, unknown>;
