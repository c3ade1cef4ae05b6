import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';
import { readCursor, writeCursor } from './cursor.ts';

/**
 * Removes completed tasks that closed before a moment (`cleanup.completed_task_retention`). Temporal may still have
 * them; the moment is kept, so that they do not come back from there.
 * @param beforeMs milliseconds since the epoch.
 * @returns the number of tasks that were removed.
 */
export function deleteTasksCompletedBefore(mirror: Mirror, beforeMs: number): number {
  return mirror.write((connection) => {
    const deleted = connection.run(
      `DELETE FROM task_states WHERE status = 'completed' AND task_id IN
         (SELECT task_id FROM task_runs WHERE run_status = 'COMPLETED' AND run_closed_ms < ?)`,
      [beforeMs],
    );
    connection.run('DELETE FROM task_runs WHERE task_id NOT IN (SELECT task_id FROM task_states)');
    const cleaned = Math.max(beforeMs, readCursor(connection).cleaned_before_ms ?? 0);
    writeCursor(connection, { cleaned_before_ms: cleaned });
    return deleted;
  });
}

/** Removes sessions whose last change lies before a moment (`cleanup.session_timeout`). @returns how many. */
export function deleteSessionsUpdatedBefore(mirror: Mirror, beforeMs: number): number {
  return mirror.write((connection) =>
    connection.run('DELETE FROM sessions WHERE updated_at < ?', [sqlTime(beforeMs)]),
  );
}

/** Removes entries of the recovery log made before a moment (`cleanup.log_retention`). @returns how many. */
export function deleteRecoveryLogsBefore(mirror: Mirror, beforeMs: number): number {
  return mirror.write((connection) => {
    const deleted = connection.run('DELETE FROM recovery_logs WHERE created_at < ?', [sqlTime(beforeMs)]);
    connection.run('DELETE FROM recovery_log_keys WHERE log_id NOT IN (SELECT id FROM recovery_logs)');
    return deleted;
  });
}
