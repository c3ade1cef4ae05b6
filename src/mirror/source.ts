import type { TaskRecord } from '../domain/task-record.ts';

/** Where the mirror takes tasks from: Temporal's visibility, or a fake in tests. */
export interface TaskSource {
  /**
   * Pages of the tasks that changed at or after a moment: `TaskUpdatedAt`, or the run's start or close, since a run
   * that is terminated or times out does not get to write `TaskUpdatedAt`. Order and repetition do not matter.
   * @param ms milliseconds since the epoch.
   */
  changedSince(ms: number): AsyncIterable<readonly TaskRecord[]>;
  /** Pages of all tasks that Temporal still has. Earlier runs of a task may be among them. */
  all(): AsyncIterable<readonly TaskRecord[]>;
}

/** When a record last changed, as {@link TaskSource.changedSince} understands it; milliseconds since the epoch. */
export function changedAtMs(record: TaskRecord): number {
  return Math.max(record.startedAtMs, record.closedAtMs ?? 0, Date.parse(record.state.updatedAt));
}
