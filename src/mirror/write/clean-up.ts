import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';
import { writeMark } from './clean-up-marks.ts';
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

/**
 * Removes failures before a moment with all that belongs to them: handling, recoveries, retries and verdicts. The moment
 * is kept, so that they do not come back from Temporal.
 * @param beforeMs milliseconds since the epoch.
 * @returns the number of failures that were removed.
 */
export function deleteFailuresBefore(mirror: Mirror, beforeMs: number): number {
  const before = [sqlTime(beforeMs)];
  return mirror.write((connection) => {
    const deleted = connection.run('DELETE FROM failures WHERE failed_at < ?', before);
    connection.run('DELETE FROM failure_handling WHERE failed_at < ?', before);
    connection.run('DELETE FROM task_recoveries WHERE ended_at < ?', before);
    connection.run('DELETE FROM task_retries WHERE ended_at < ?', before);
    connection.run('DELETE FROM classification_verdicts WHERE judged_at < ?', before);
    writeMark(connection, 'failures', beforeMs);
    return deleted;
  });
}

/** Removes notifications decided before a moment, their deliveries and in-app messages. @returns how many notifications. */
export function deleteNotificationsBefore(mirror: Mirror, beforeMs: number): number {
  const before = [sqlTime(beforeMs)];
  return mirror.write((connection) => {
    const deleted = connection.run('DELETE FROM notifications WHERE decided_at < ?', before);
    connection.run('DELETE FROM notification_deliveries WHERE decided_at < ?', before);
    connection.run('DELETE FROM messages WHERE updated_at < ?', before);
    return deleted;
  });
}

/** Removes health checks and reconciliations made before a moment. @returns how many. */
export function deleteMeasurementsBefore(mirror: Mirror, beforeMs: number): number {
  const before = [sqlTime(beforeMs)];
  return mirror.write(
    (connection) =>
      connection.run('DELETE FROM health_checks WHERE checked_at < ?', before) +
      connection.run('DELETE FROM reconciliations WHERE at < ?', before),
  );
}
