import type { Connection } from '../connection.ts';
import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';
import { appendLog } from './recovery-logs.ts';

/** What a failure scan did about a failed run. */
export type HandlingAction =
  | 'auto_recovery'
  | 'admin_notification'
  | 'user_notification'
  | 'skipped'
  /** It could not be handled; the next scan tries again. */
  | 'error';

/** How a failed run was handled. */
export interface HandlingInput {
  /** Of the run that failed. */
  readonly runId: string;
  readonly taskId: string;
  readonly action: HandlingAction;
  /** The reason for skipping, or the error's message. */
  readonly detail: string | null;
  /** Before the recovery begins. */
  readonly delaySeconds: number | null;
  /** Number of the recovery, from 1. */
  readonly attempt: number | null;
  readonly scanId: string;
  /** Milliseconds since the epoch. */
  readonly handledAtMs: number;
  /** Milliseconds since the epoch. */
  readonly failedAtMs: number;
}

/**
 * Notes how failed runs were handled, in one transaction, and the scheduled recoveries in the recovery log. A run keeps
 * what was noted first; only an error gives way to anything else, and `skipped` to what really was done.
 * @returns the number of rows that are new or changed.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function recordHandling(mirror: Mirror, rows: readonly HandlingInput[]): number {
  if (rows.length === 0) return 0;
  return mirror.write((connection) => rows.filter((row) => record(connection, row)).length);
}

function record(connection: Connection, input: HandlingInput): boolean {
  const { runId, taskId, action, detail, delaySeconds, attempt, scanId } = input;
  const changes = connection.run(UPSERT, {
    run_id: runId,
    task_id: taskId,
    action,
    detail,
    delay_seconds: delaySeconds,
    attempt,
    scan_id: scanId,
    failed_at: sqlTime(input.failedAtMs),
    handled_at: sqlTime(input.handledAtMs),
  });
  if (changes === 0) return false;
  if (action === 'auto_recovery') {
    appendLog(connection, {
      recoveryType: 'task_recovery',
      taskId,
      status: 'scheduled',
      details: { run_id: runId, attempt, delay_seconds: delaySeconds, scan_id: scanId },
      createdAtMs: input.handledAtMs,
      key: runId,
    });
  }
  return true;
}

const RANK = (column: string): string =>
  `(CASE ${column} WHEN 'error' THEN 0 WHEN 'skipped' THEN 1 ELSE 2 END)`;

const UPSERT = `
INSERT INTO failure_handling (run_id, task_id, action, detail, delay_seconds, attempt, scan_id, failed_at, handled_at)
VALUES (@run_id, @task_id, @action, @detail, @delay_seconds, @attempt, @scan_id, @failed_at, @handled_at)
ON CONFLICT (run_id) DO UPDATE SET
  action = excluded.action, detail = excluded.detail, delay_seconds = excluded.delay_seconds,
  attempt = excluded.attempt, scan_id = excluded.scan_id, handled_at = excluded.handled_at
WHERE ${RANK('excluded.action')} > ${RANK('action')}
  OR (action = 'error' AND excluded.action = 'error' AND excluded.handled_at > handled_at)`;
