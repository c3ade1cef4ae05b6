import { TASK_STATUSES, type TaskStatus } from './task.ts';

/** Counts of tasks (SPEC section 1). */
export interface TaskStatistics {
  readonly total: number;
  /** Tasks that have a checkpoint to go on from and are not completed. */
  readonly resumable_count: number;
  readonly by_status: Readonly<Record<TaskStatus, number>>;
  readonly by_type: Readonly<Record<string, number>>;
}

/** What the counting needs of a task. */
export interface CountedTask {
  readonly taskType: string;
  readonly status: TaskStatus;
  readonly hasCheckpoint: boolean;
}

/** Whether a task can go on from a checkpoint: it has one and is not completed. */
export function canResume(task: Omit<CountedTask, 'taskType'>): boolean {
  return task.status !== 'completed' && task.hasCheckpoint;
}

/** Counts tasks by status and type. */
export function statisticsOf(tasks: Iterable<CountedTask>): TaskStatistics {
  const byStatus = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<
    TaskStatus,
    number
  >;
  const byType: Record<string, number> = {};
  let total = 0;
  let resumable = 0;
  for (const task of tasks) {
    total += 1;
    byStatus[task.status] += 1;
    byType[task.taskType] = (byType[task.taskType] ?? 0) + 1;
    if (canResume(task)) resumable += 1;
  }
  return { total, resumable_count: resumable, by_status: byStatus, by_type: byType };
}
