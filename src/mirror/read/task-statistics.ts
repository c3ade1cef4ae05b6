import type { TaskStatistics } from '../../domain/statistics.ts';
import { TASK_STATUSES, type TaskStatus } from '../../domain/task.ts';
import type { Mirror } from '../mirror.ts';

type Group = { readonly status: TaskStatus; readonly task_type: string; readonly n: number };

/** Counts the tasks of the mirror. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function taskStatistics(mirror: Mirror): TaskStatistics {
  return mirror.read((connection) => {
    const groups = connection.all<Group>(
      'SELECT status, task_type, count(*) AS n FROM task_states GROUP BY status, task_type ORDER BY task_type',
    );
    const resumable = connection.get<{ n: number }>(
      `SELECT count(*) AS n FROM task_states WHERE status <> 'completed' AND checkpoint_data IS NOT NULL`,
    );
    const by_status = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<
      TaskStatus,
      number
    >;
    const by_type: Record<string, number> = {};
    let total = 0;
    for (const { status, task_type, n } of groups) {
      by_status[status] = (by_status[status] ?? 0) + n;
      by_type[task_type] = (by_type[task_type] ?? 0) + n;
      total += n;
    }
    return { total, resumable_count: resumable?.n ?? 0, by_status, by_type };
  });
}
