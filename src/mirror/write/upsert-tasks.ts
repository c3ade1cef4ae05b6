import type { TaskRecord } from '../../domain/task-record.ts';
import type { Connection } from '../connection.ts';
import type { Mirror } from '../mirror.ts';
import { problemOf, type RunRow, runRow, type StateRow, stateRow } from '../row.ts';
import type { FingerprintOf } from '../run-rows.ts';
import { sqlTime } from '../time.ts';
import { readMark } from './clean-up-marks.ts';
import { noteCleanedTask, wasCleanedUp } from './cleaned-tasks.ts';
import { readCursor } from './cursor.ts';
import { noteFirstStart } from './first-start.ts';
import { noteRun } from './run-history.ts';

/** What became of a batch. */
export interface UpsertResult {
  /** Rows that are new or changed. */
  readonly written: number;
  /** Failed runs that were not known. */
  readonly failed: number;
  /** Records that cannot be written, each with its reason; the others are not held up by them. */
  readonly rejected: readonly { readonly taskId: string; readonly problem: string }[];
}

/** What a record did to its task's row; `earlier`: the row shows a later run or state. */
export type UpsertOutcome = 'changed' | 'same' | 'earlier' | 'cleaned_up';

export interface UpsertOptions {
  /** For failures that came without a fingerprint. @default none: they are in no group, and their host is unknown */
  readonly fingerprintOf?: FingerprintOf | undefined;
  /** Called for every record that is not rejected. */
  readonly onOutcome?: (record: TaskRecord, outcome: UpsertOutcome) => void;
}

const NO_FINGERPRINT: FingerprintOf = () => ({ fingerprint: '' });

/**
 * Writes what Temporal says of tasks, in one transaction. Doing it again, in any order, changes nothing: the row
 * of a task always shows its latest run, and of that run the latest state. A row that was edited by hand gets its
 * right content back. A completed task that was cleaned up does not come back,
 * not by an earlier run of it either.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function upsertTasks(
  mirror: Mirror,
  records: readonly TaskRecord[],
  { fingerprintOf = NO_FINGERPRINT, onOutcome }: UpsertOptions = {},
): UpsertResult {
  return mirror.write((connection) => {
    const { cleaned_before_ms } = readCursor(connection);
    const history = { fingerprintOf, cleanedBeforeMs: readMark(connection, 'failures') };
    const rejected: UpsertResult['rejected'][number][] = [];
    let written = 0;
    let failed = 0;
    for (const record of records) {
      const problem = problemOf(record);
      if (problem) {
        rejected.push({ taskId: record.taskId, problem });
        continue;
      }
      const outcome = upsertTask(connection, record, cleaned_before_ms ?? 0);
      if (outcome === 'changed') written += 1;
      if (noteRun(connection, record, history)) failed += 1;
      onOutcome?.(record, outcome);
    }
    return { written, failed, rejected };
  });
}

type Stored = { readonly version: string; readonly first_started_ms: number };

function upsertTask(connection: Connection, record: TaskRecord, cleanedBeforeMs: number): UpsertOutcome {
  const run = runRow(record);
  const stored = connection.get<Stored>('SELECT version, first_started_ms FROM task_runs WHERE task_id = ?', [
    record.taskId,
  ]);
  if (!stored && wasCleanedUp(connection, record, cleanedBeforeMs)) {
    // It may never have had a row: it came after the clean-up, before its earlier runs.
    if (record.state.recoveryAttempts > 0) noteCleanedTask(connection, record.taskId, run.version);
    return 'cleaned_up';
  }
  const firstMs = Math.min(record.startedAtMs, stored?.first_started_ms ?? record.startedAtMs);
  // A record of an earlier run or state only tells when the task was first started.
  if (stored && run.version < stored.version) {
    return noteFirstStart(connection, record.taskId, firstMs) ? 'changed' : 'earlier';
  }
  const runChanged = writeRun(connection, run, firstMs);
  const stateChanged = writeState(connection, stateRow(record), sqlTime(firstMs));
  return stateChanged || runChanged ? 'changed' : 'same';
}

// Both statements touch a row only when something in it differs, so that the projector's overlap and the
// regular comparison with all of Temporal cost reading and no writing.

function writeRun(connection: Connection, run: RunRow, firstMs: number): boolean {
  const changes = connection.run(
    `INSERT INTO task_runs (task_id, version, run_id, run_status, run_started_ms, run_closed_ms, first_started_ms,
       step, failure, recovery_attempts, recovery_notes)
     VALUES (@task_id, @version, @run_id, @run_status, @run_started_ms, @run_closed_ms, @first_started_ms,
       @step, @failure, @recovery_attempts, @recovery_notes)
     ON CONFLICT (task_id) DO UPDATE SET
       version = excluded.version, run_id = excluded.run_id, run_status = excluded.run_status,
       run_started_ms = excluded.run_started_ms, run_closed_ms = excluded.run_closed_ms,
       first_started_ms = excluded.first_started_ms, step = excluded.step, failure = excluded.failure,
       recovery_attempts = excluded.recovery_attempts, recovery_notes = excluded.recovery_notes
     WHERE (version, run_id, run_status, run_started_ms, run_closed_ms, first_started_ms, step, failure,
         recovery_attempts, recovery_notes)
       IS NOT (excluded.version, excluded.run_id, excluded.run_status, excluded.run_started_ms,
         excluded.run_closed_ms, excluded.first_started_ms, excluded.step, excluded.failure,
         excluded.recovery_attempts, excluded.recovery_notes)`,
    { ...run, first_started_ms: firstMs },
  );
  return changes > 0;
}

function writeState(connection: Connection, state: StateRow, createdAt: string): boolean {
  const changes = connection.run(
    `INSERT INTO task_states (task_id, task_type, status, progress, data, checkpoint_data, retry_count, last_error,
       created_at, updated_at)
     VALUES (@task_id, @task_type, @status, @progress, @data, @checkpoint_data, @retry_count, @last_error,
       @created_at, @updated_at)
     ON CONFLICT (task_id) DO UPDATE SET
       task_type = excluded.task_type, status = excluded.status, progress = excluded.progress,
       data = excluded.data, checkpoint_data = excluded.checkpoint_data, retry_count = excluded.retry_count,
       last_error = excluded.last_error, created_at = excluded.created_at, updated_at = excluded.updated_at
     WHERE (task_type, status, progress, data, checkpoint_data, retry_count, last_error, created_at, updated_at)
       IS NOT (excluded.task_type, excluded.status, excluded.progress, excluded.data, excluded.checkpoint_data,
         excluded.retry_count, excluded.last_error, excluded.created_at, excluded.updated_at)`,
    { ...state, created_at: createdAt },
  );
  return changes > 0;
}
