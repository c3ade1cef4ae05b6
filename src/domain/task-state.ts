import type { Checkpoint } from './checkpoint.ts';
import type { FailureInfo } from './failure.ts';
import type { JsonObject } from './json.ts';
import type { TaskStatus, TaskType } from './task.ts';

/** One recovery of a task: a new run from its last checkpoint. */
export interface RecoveryNote {
  readonly at: string;
  readonly why: string;
  readonly delay_seconds: number;
  readonly outcome: 'scheduled' | 'completed' | 'failed';
  /** Whose delay it is: the category, a custom strategy's name, or `forced`. Absent in notes of version 0.1. */
  readonly strategy?: string;
  /** The step it went on from; null: from the start. Absent in notes of version 0.1. */
  readonly from_step?: string | null;
}

/** The notes once the run that the last recovery started has ended. */
export function settled(
  notes: readonly RecoveryNote[],
  outcome: 'completed' | 'failed',
): readonly RecoveryNote[] {
  const last = notes.at(-1);
  return last?.outcome === 'scheduled' ? [...notes.slice(0, -1), { ...last, outcome }] : notes;
}

/** What a run starts with: the task's input, and where an earlier run of the task was left. */
export interface TaskInput<T> {
  readonly task: T;
  /** Where to go on; absent: from the start. */
  readonly checkpoint?: Checkpoint;
  /** Recoveries of this task so far. @default 0 */
  readonly recoveryAttempts?: number;
  readonly recoveryNotes?: readonly RecoveryNote[];
}

/**
 * The state of a task as its run keeps it: answered by the `state` query and written, field by field,
 * to the memo, from where the mirror and the lists take it.
 */
export interface TaskState {
  readonly taskType: TaskType;
  readonly status: TaskStatus;
  /** 0–100. */
  readonly progress: number;
  /** The step being done, or the last one. */
  readonly step: string | null;
  readonly checkpoint: Checkpoint | null;
  /** Retries inside steps in this run. */
  readonly retryCount: number;
  readonly lastError: FailureInfo | null;
  /** The task's input as people may see it: secrets masked. */
  readonly data: JsonObject;
  readonly recoveryAttempts: number;
  readonly recoveryNotes: readonly RecoveryNote[];
  /** Of the steps that were retried at least once. */
  readonly retriedSteps: RetriedSteps;
  /**
   * Of a run that started from a checkpoint: ms from its start until it got past that checkpoint; null: it has not, or
   * it started from the beginning.
   */
  readonly resumedAfterMs: number | null;
  /** ISO 8601 in UTC. */
  readonly updatedAt: string;
}

/** How retries inside steps went. */
export interface RetriedSteps {
  readonly total: number;
  /** Those that succeeded in the end. */
  readonly good: number;
  /** Attempts of those that succeeded; a transfer that connects again counts that as one. */
  readonly tries: number;
}

/** What a run begins with. */
export const NO_RETRIED_STEPS: RetriedSteps = { total: 0, good: 0, tries: 0 };

/** Search attributes of every task, with their Temporal types; registered when a worker or `up` starts. */
export const SEARCH_ATTRIBUTES = {
  TaskType: 'KEYWORD',
  TaskStatus: 'KEYWORD',
  FailureCategory: 'KEYWORD',
  Fingerprint: 'KEYWORD',
  RecoveryAttempts: 'INT',
  TaskUpdatedAt: 'DATETIME',
} as const;

/** Names of what a task's workflow answers to. Cancelling is Temporal's own cancellation. */
export const PAUSE_UPDATE = 'pause';
export const RESUME_UPDATE = 'resume';
export const STATE_QUERY = 'state';
/** Sent before a cancellation that shall keep what was already fetched, for a later start of the same task. */
export const KEEP_SIGNAL = 'keep';
/** Sent by a long step so that its progress reaches the memo; see {@link StepProgress}. */
export const PROGRESS_SIGNAL = 'progress';

/** Argument of the `progress` signal. */
export interface StepProgress {
  readonly step: string;
  /** 0–1 of that step. */
  readonly fraction: number;
  readonly data: JsonObject;
}
