import type { TaskRecord } from '../../domain/task-record.ts';
import type { Connection } from '../connection.ts';
import { endMs, type RecoveryRow, recoveryRow } from '../run-rows.ts';
import { appendLog, removeLog } from './recovery-logs.ts';

/** Notes the recovery that started a run, and in the recovery log how it ended. */
export function noteRecovery(connection: Connection, record: TaskRecord): void {
  const row = recoveryRow(record);
  if (!row || connection.run(UPSERT, row) === 0) return;
  removeRepeated(connection, row);
  if (row.ended_at !== null) logEnd(connection, row, endMs(record));
}

// A run that ended never runs again, whatever order records come in. A run that was started by hand after a recovery
// that the server ended carries that recovery's note; of those with one note the first is the recovery.
const UPSERT = `
INSERT INTO task_recoveries (run_id, task_id, task_type, attempt, strategy, delay_seconds, from_step, scheduled_at,
  run_started_ms, ended_at, outcome, resumed_after_ms)
SELECT @run_id, @task_id, @task_type, @attempt, @strategy, @delay_seconds, @from_step, @scheduled_at,
  @run_started_ms, @ended_at, @outcome, @resumed_after_ms
WHERE NOT EXISTS (SELECT 1 FROM task_recoveries
  WHERE task_id = @task_id AND scheduled_at = @scheduled_at AND run_started_ms < @run_started_ms)
ON CONFLICT (run_id) DO UPDATE SET
  outcome = excluded.outcome, ended_at = excluded.ended_at,
  resumed_after_ms = coalesce(excluded.resumed_after_ms, resumed_after_ms)
WHERE ended_at IS NULL
  AND (excluded.ended_at IS NOT NULL OR (resumed_after_ms IS NULL AND excluded.resumed_after_ms IS NOT NULL))`;

function removeRepeated(connection: Connection, row: RecoveryRow): void {
  const repeated = connection.all<{ run_id: string }>(
    `DELETE FROM task_recoveries WHERE task_id = ? AND scheduled_at = ? AND run_started_ms > ? RETURNING run_id`,
    [row.task_id, row.scheduled_at, row.run_started_ms],
  );
  for (const { run_id } of repeated) removeLog(connection, endKey(run_id));
}

/** The same for all of them, after rows came from elsewhere. */
export function removeAllRepeated(connection: Connection): void {
  const repeated = connection.all<RecoveryRow>(
    `SELECT * FROM task_recoveries AS row WHERE EXISTS (SELECT 1 FROM task_recoveries AS later
       WHERE later.task_id = row.task_id AND later.scheduled_at = row.scheduled_at
         AND later.run_started_ms > row.run_started_ms)`,
  );
  for (const row of repeated) removeRepeated(connection, row);
}

function logEnd(connection: Connection, row: RecoveryRow, createdAtMs: number): void {
  const { run_id, attempt, strategy, from_step, resumed_after_ms } = row;
  const details = { run_id, attempt, strategy, from_step, resumed_after_ms };
  appendLog(connection, {
    recoveryType: 'task_recovery',
    taskId: row.task_id,
    status: row.outcome,
    details,
    createdAtMs,
    key: endKey(run_id),
  });
}

function endKey(runId: string): string {
  return `${runId}:end`;
}
