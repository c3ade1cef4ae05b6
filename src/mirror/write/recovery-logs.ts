import type { JsonObject } from '../../domain/json.ts';
import type { Connection } from '../connection.ts';
import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';
import { jsonText } from './json-text.ts';

/** One event of a recovery. */
export interface RecoveryLogInput {
  /** E.g. `task_recovery`, `crash_recovery`. */
  readonly recoveryType: string;
  readonly status: string;
  readonly taskId?: string | null;
  readonly sessionId?: string | null;
  readonly details?: JsonObject | null;
  /** Milliseconds since the epoch. @default now */
  readonly createdAtMs?: number;
  /**
   * Names the event, e.g. run and activity ID: under one key one entry is written, however often an activity runs.
   * @default none: every call writes an entry
   */
  readonly key?: string;
}

/**
 * Appends to the recovery log.
 * @returns the entry's id; that of the first one when its key was written before.
 * @throws {RekindleError} `INVALID_INPUT` when `details` are not JSON; `MIRROR_UNAVAILABLE`.
 */
export function appendRecoveryLog(mirror: Mirror, entry: RecoveryLogInput): number {
  return mirror.write((connection) => appendLog(connection, entry));
}

/** As {@link appendRecoveryLog}, within a transaction that also writes something else. */
export function appendLog(connection: Connection, entry: RecoveryLogInput): number {
  const details = jsonText(entry.details ?? null, `${entry.recoveryType} log: details`);
  const { key } = entry;
  if (key === undefined) return insert(connection, entry, details);
  const known = logOf(connection, key);
  if (known !== undefined) return known;
  const id = insert(connection, entry, details);
  connection.run('INSERT INTO recovery_log_keys (key, log_id) VALUES (?, ?)', [key, id]);
  return id;
}

/** Takes back an entry that turned out to be wrong. */
export function removeLog(connection: Connection, key: string): void {
  const id = logOf(connection, key);
  if (id === undefined) return;
  connection.run('DELETE FROM recovery_logs WHERE id = ?', [id]);
  connection.run('DELETE FROM recovery_log_keys WHERE key = ?', [key]);
}

function logOf(connection: Connection, key: string): number | undefined {
  return connection.get<{ log_id: number }>('SELECT log_id FROM recovery_log_keys WHERE key = ?', [key])
    ?.log_id;
}

function insert(connection: Connection, entry: RecoveryLogInput, details: string | null): number {
  return connection.insert(
    `INSERT INTO recovery_logs (recovery_type, task_id, session_id, status, details, created_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    [
      entry.recoveryType,
      entry.taskId ?? null,
      entry.sessionId ?? null,
      entry.status,
      details,
      sqlTime(entry.createdAtMs ?? Date.now()),
    ],
  );
}
