import { setImmediate as nextTurn } from 'node:timers/promises';
import { BATCH_SIZE } from '../batches.ts';
import type { Connection } from '../connection.ts';
import type { MirrorKeeper } from '../keeper.ts';
import { sqlTime } from '../time.ts';
import { writeMark } from './clean-up-marks.ts';
import { noteCleanedTask } from './cleaned-tasks.ts';
import { readCursor, writeCursor } from './cursor.ts';

/**
 * What can be cleaned up, each by its own age:
 * - `tasks`: completed ones, by their end (`cleanup.completed_task_retention`)
 * - `sessions`: by their last change (`cleanup.session_timeout`)
 * - `recoveryLogs`, `notifications` (with their deliveries) and `measurements`: by when they were made
 * - `messages`: in-app ones, by when they were read; what nobody has read stays
 * - `failures`: with all that belongs to them (handling, recoveries, retries, verdicts)
 */
export type CleanUpKind =
  | 'tasks'
  | 'sessions'
  | 'recoveryLogs'
  | 'failures'
  | 'notifications'
  | 'messages'
  | 'measurements';

/** Removes at most so many rows that are older than a moment. @returns how many. */
type Step = (connection: Connection, beforeMs: number, limit: number) => number;

interface CleanUp {
  /** Done first: Temporal may still have what is removed, and it must not come back from there. */
  readonly mark?: (connection: Connection, beforeMs: number) => void;
  /** What the result counts. */
  readonly counted: readonly Step[];
  readonly beside?: readonly Step[];
}

/** @param key the primary key's columns. @param where what is removed, with `@before`. */
function rowsOf(table: string, key: string, where: string): Step {
  const sql = `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${where} LIMIT @limit)`;
  return (connection, beforeMs, limit) => connection.run(sql, { before: sqlTime(beforeMs), limit });
}

const KINDS: Readonly<Record<CleanUpKind, CleanUp>> = {
  tasks: { mark: markTasks, counted: [completedTasks] },
  sessions: { counted: [rowsOf('sessions', 'session_id', 'updated_at < @before')] },
  recoveryLogs: {
    counted: [rowsOf('recovery_logs', 'id', 'created_at < @before')],
    beside: [
      rowsOf(
        'recovery_log_keys',
        'key',
        '@before IS NOT NULL AND log_id NOT IN (SELECT id FROM recovery_logs)',
      ),
    ],
  },
  failures: {
    mark: (connection, beforeMs) => writeMark(connection, 'failures', beforeMs),
    counted: [rowsOf('failures', 'run_id', 'failed_at < @before')],
    beside: [
      rowsOf('failure_handling', 'run_id', 'failed_at < @before'),
      rowsOf('task_recoveries', 'run_id', 'ended_at < @before'),
      rowsOf('task_retries', 'run_id', 'ended_at < @before'),
      rowsOf('classification_verdicts', 'run_id', 'judged_at < @before'),
    ],
  },
  notifications: {
    counted: [rowsOf('notifications', 'id', 'decided_at < @before')],
    beside: [rowsOf('notification_deliveries', 'digest_id, channel', 'decided_at < @before')],
  },
  messages: { counted: [rowsOf('messages', 'id', 'read_at < @before')] },
  measurements: {
    counted: [
      rowsOf('health_checks', 'checked_at', 'checked_at < @before'),
      rowsOf('reconciliations', 'at', 'at < @before'),
    ],
  },
};

function markTasks(connection: Connection, beforeMs: number): void {
  const cleaned = Math.max(beforeMs, readCursor(connection).cleaned_before_ms ?? 0);
  writeCursor(connection, { cleaned_before_ms: cleaned });
}

function completedTasks(connection: Connection, beforeMs: number, limit: number): number {
  type Found = { readonly task_id: string; readonly version: string; readonly several: number };
  const found = connection.all<Found>(
    `SELECT task_id, version, first_started_ms < run_started_ms OR recovery_attempts > 0 AS several
     FROM task_runs LEFT JOIN task_states USING (task_id)
     WHERE run_status = 'COMPLETED' AND run_closed_ms < ? AND (status = 'completed' OR status IS NULL) LIMIT ?`,
    [beforeMs, limit],
  );
  for (const { task_id, version, several } of found) {
    if (several) noteCleanedTask(connection, task_id, version);
    connection.run('DELETE FROM task_states WHERE task_id = ?', [task_id]);
    connection.run('DELETE FROM task_runs WHERE task_id = ?', [task_id]);
  }
  return found.length;
}

/** How {@link cleanUp} is done. */
export interface CleanUpOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each transaction. */
  readonly onStep?: () => void;
}

/**
 * Removes what is older than a moment, in short transactions that give the thread and the file back. Doing it again, or
 * the rest of it after a crash, changes nothing else.
 * @param beforeMs milliseconds since the epoch; what is exactly as old stays.
 * @returns the number of tasks, sessions and so on that were removed; what belongs to them is not counted.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`; the signal's reason.
 */
export async function cleanUp(
  keeper: Pick<MirrorKeeper, 'use'>,
  kind: CleanUpKind,
  beforeMs: number,
  { signal, onStep }: CleanUpOptions = {},
): Promise<number> {
  let removed = 0;
  for (const step of stepsOf(kind, beforeMs)) {
    for (let more = true; more; ) {
      signal?.throwIfAborted();
      const result = keeper.use((mirror) => mirror.write(step));
      removed += result.counted;
      more = result.more;
      onStep?.();
      await nextTurn();
    }
  }
  return removed;
}

type BoundStep = (connection: Connection) => { readonly counted: number; readonly more: boolean };

function stepsOf(kind: CleanUpKind, beforeMs: number): BoundStep[] {
  const { mark, counted, beside = [] } = KINDS[kind];
  const bound =
    (step: Step, counts: boolean): BoundStep =>
    (connection) => {
      const rows = step(connection, beforeMs, BATCH_SIZE);
      return { counted: counts ? rows : 0, more: rows === BATCH_SIZE };
    };
  const marking: BoundStep = (connection) => {
    mark?.(connection, beforeMs);
    return { counted: 0, more: false };
  };
  return [
    ...(mark ? [marking] : []),
    ...counted.map((step) => bound(step, true)),
    ...beside.map((step) => bound(step, false)),
  ];
}
