import type { FailureInfo } from './failure.ts';
import type { CustomRecovery } from './recovery-policy.ts';
import type { RunStatus, TaskView } from './task-record.ts';

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

/**
 * How failed tasks of one type are recovered instead of by their category: always in the same way, or as a function
 * says that looks at the failed run. Undefined: by the category after all.
 */
export type RecoveryStrategy = CustomRecovery | ((failed: FailedRun) => CustomRecovery | undefined);

/**
 * Says whether a failed task of one type can go on. It gets the task with its checkpoint, before each recovery that
 * nobody forces.
 * @returns true: it is recovered. False, or why not: it is not, and administrators are told with that reason.
 */
export type RecoveryHandler = (task: TaskView) => boolean | string | Promise<boolean | string>;
