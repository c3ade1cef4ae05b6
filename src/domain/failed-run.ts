import type { FailureInfo } from './failure.ts';
import type { RunStatus } from './task-record.ts';

/** The failed run of a task that somebody has to do something about. */
export interface FailedRun {
  readonly taskId: string;
  readonly runId: string;
  readonly taskType: string;
  readonly runStatus: RunStatus;
  /** When the run closed, in ms since the epoch. */
  readonly failedAtMs: number;
  /** With its fingerprint, also when the workflow never got to say anything. */
  readonly failure: FailureInfo & { readonly fingerprint: string };
  /** Recoveries of the task so far. */
  readonly recoveryAttempts: number;
  /** The step that a recovery would go on from; null: from the start. */
  readonly checkpointStep: string | null;
}
