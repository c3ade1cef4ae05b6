import type { TaskRecord } from '../../domain/task-record.ts';
import type { Connection } from '../connection.ts';
import { endMs, type FingerprintOf, failureRow, isFailed } from '../run-rows.ts';
import { sqlTime } from '../time.ts';
import { noteRecovery } from './recoveries.ts';

/** What the notes about a run need besides the run. */
export interface HistoryOptions {
  readonly fingerprintOf: FingerprintOf;
  /** Runs that ended before were cleaned up, in ms since the epoch. */
  readonly cleanedBeforeMs: number;
}

/**
 * Notes what a run says of failures, recoveries and retries. All of them stay when a later run takes the task's row.
 * Noting it again costs reading at most and changes nothing.
 * @returns whether it is a failure that was not known.
 */
export function noteRun(connection: Connection, record: TaskRecord, options: HistoryOptions): boolean {
  const ended = record.runStatus !== 'RUNNING';
  if (ended && endMs(record) < options.cleanedBeforeMs) return false;
  if (record.state.recoveryAttempts > 0) noteRecovery(connection, record);
  if (ended && record.state.retriedSteps.total > 0) noteRetries(connection, record);
  return isFailed(record) && noteFailure(connection, record, options.fingerprintOf);
}

function noteFailure(connection: Connection, record: TaskRecord, fingerprintOf: FingerprintOf): boolean {
  // Asked first: the same records come with every overlap, and a fingerprint costs more than a look.
  if (connection.get('SELECT 1 FROM failures WHERE run_id = ?', [record.runId])) return false;
  connection.run(
    `INSERT INTO failures (run_id, task_id, task_type, category, rule, confidence, fingerprint, message, error_type,
       host, step, retry_type, attempts, recovery_attempts, run_status, failed_at)
     VALUES (@run_id, @task_id, @task_type, @category, @rule, @confidence, @fingerprint, @message, @error_type,
       @host, @step, @retry_type, @attempts, @recovery_attempts, @run_status, @failed_at)`,
    failureRow(record, fingerprintOf),
  );
  return true;
}

function noteRetries(connection: Connection, record: TaskRecord): void {
  const { total, good, tries } = record.state.retriedSteps;
  connection.run(
    `INSERT INTO task_retries (run_id, total, good, tries, ended_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (run_id) DO NOTHING`,
    [record.runId, total, good, tries, sqlTime(endMs(record))],
  );
}
