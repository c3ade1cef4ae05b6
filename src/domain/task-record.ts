import type { TaskState } from './task-state.ts';

/** How Temporal says a run ended, or that it has not. */
export type RunStatus =
  | 'RUNNING'
  | 'COMPLETED'
  | 'FAILED'
  | 'CANCELLED'
  | 'TERMINATED'
  | 'TIMED_OUT'
  | 'CONTINUED_AS_NEW';

/** The latest run of a task as Temporal's visibility shows it: what lists, reports and the mirror are made from. */
export interface TaskRecord {
  readonly taskId: string;
  readonly runId: string;
  readonly runStatus: RunStatus;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** null while it runs. */
  readonly closedAtMs: number | null;
  /**
   * The state from the run's memo, with `status` corrected by `runStatus`: a run that was terminated or timed out
   * never got to write that it failed. A cancelled task is `failed` (the documented statuses have no other).
   */
  readonly state: TaskState;
}

/** A task as programs see it: the CLI's JSON and the client library. Field names are the documented ones. */
export interface TaskView {
  readonly task_id: string;
  readonly task_type: string;
  readonly status: string;
  readonly progress: number;
  readonly step: string | null;
  readonly checkpoint: TaskState['checkpoint'];
  readonly data: TaskState['data'];
  readonly retry_count: number;
  readonly recovery_attempts: number;
  readonly recovery_notes: TaskState['recoveryNotes'];
  readonly last_error: TaskState['lastError'];
  /** Temporal's own word for how the latest run stands. */
  readonly run_status: RunStatus;
  readonly run_id: string;
  /** ISO 8601 in UTC. */
  readonly created_at: string;
  readonly updated_at: string;
}

/** Puts a record into the documented names. */
export function viewOf(record: TaskRecord): TaskView {
  const { state } = record;
  return {
    task_id: record.taskId,
    task_type: state.taskType,
    status: state.status,
    progress: state.progress,
    step: state.step,
    checkpoint: state.checkpoint,
    data: state.data,
    retry_count: state.retryCount,
    recovery_attempts: state.recoveryAttempts,
    recovery_notes: state.recoveryNotes,
    last_error: state.lastError,
    run_status: record.runStatus,
    run_id: record.runId,
    created_at: new Date(record.startedAtMs).toISOString(),
    updated_at: state.updatedAt,
  };
}
