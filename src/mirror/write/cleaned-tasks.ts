import type { TaskRecord } from '../../domain/task-record.ts';
import type { Connection } from '../connection.ts';
import { versionOf } from '../row.ts';

/** Whether a run tells of a completed task that closed before the clean-up's mark, so that its absence is right. */
function closedBefore({ runStatus, closedAtMs }: TaskRecord, cleanedBeforeMs: number): boolean {
  return runStatus === 'COMPLETED' && (closedAtMs ?? cleanedBeforeMs) < cleanedBeforeMs;
}

/**
 * Whether a task that has no row was cleaned up, by any of its runs; one that came after the cleaned ones brings it back.
 * @param cleanedBeforeMs the clean-up's mark, in ms since the epoch.
 */
export function wasCleanedUp(connection: Connection, record: TaskRecord, cleanedBeforeMs: number): boolean {
  if (closedBefore(record, cleanedBeforeMs)) return true;
  const cleaned = connection.get<{ version: string }>('SELECT version FROM cleaned_tasks WHERE task_id = ?', [
    record.taskId,
  ]);
  return cleaned !== undefined && versionOf(record) <= cleaned.version;
}

/** Remembers up to which run a task was cleaned up. Only those of several runs need it. */
export function noteCleanedTask(connection: Connection, taskId: string, version: string): void {
  connection.run(
    `INSERT INTO cleaned_tasks (task_id, version) VALUES (?, ?)
     ON CONFLICT (task_id) DO UPDATE SET version = excluded.version WHERE version < excluded.version`,
    [taskId, version],
  );
}
