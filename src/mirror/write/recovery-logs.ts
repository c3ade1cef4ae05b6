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
  const details = jsonText(entry.details ?? null, `${entry.recoveryType} log: details`);
  return mirror.write((connection) => {
    const { key } = entry;
    if (key === undefined) return insert(connection, entry, details);
    const known = connection.get<{ log_id: number }>('SELECT log_id FROM recovery_log_keys WHERE key = ?', [
      key,
    ]);
    if (known) return known.log_id;
    const id = insert(connection, entry, details);
    connection.run('INSERT INTO recovery_log_keys (key, log_id) VALUES (?, ?)', [key, id]);
    return id;
  });
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
