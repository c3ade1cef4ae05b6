import type { JsonObject } from '../../domain/json.ts';
import type { Mirror } from '../mirror.ts';
import { isoOfSqlTime, sqlTime } from '../time.ts';
import { JsonColumns } from './json-column.ts';

/** A row of `recovery_logs`. */
export interface RecoveryLog {
  readonly id: number;
  readonly recovery_type: string;
  readonly task_id: string | null;
  readonly session_id: string | null;
  readonly status: string;
  readonly details: JsonObject | null;
  /** ISO 8601 in UTC. */
  readonly created_at: string;
  /** What is damaged in this row; empty for a sound one. */
  readonly problems: readonly string[];
}

/** Which part of the history to give. */
export interface HistoryFilter {
  /** How far back. @default 24, as in the documents' example */
  readonly hours?: number;
  /** @default all types */
  readonly recoveryType?: string | undefined;
  /** Only the events of one task. @default all */
  readonly taskId?: string | undefined;
  /** @default 1000 */
  readonly limit?: number;
}

type Row = Omit<RecoveryLog, 'details' | 'problems'> & { readonly details: string | null };

const HOUR_MS = 3_600_000;

/** The recovery log of the last hours, the newest entry first. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function getRecoveryHistory(
  mirror: Mirror,
  filter: HistoryFilter = {},
  nowMs = Date.now(),
): RecoveryLog[] {
  const { hours = 24, recoveryType = null, taskId = null, limit = 1000 } = filter;
  const since = sqlTime(nowMs - hours * HOUR_MS);
  const sql = `SELECT id, recovery_type, task_id, session_id, status, details, created_at FROM recovery_logs
    WHERE created_at >= @since AND (@recoveryType IS NULL OR recovery_type = @recoveryType)
      AND (@taskId IS NULL OR task_id = @taskId)
    ORDER BY created_at DESC, id DESC LIMIT @limit`;
  const rows = mirror.read((connection) => connection.all<Row>(sql, { since, recoveryType, taskId, limit }));
  return rows.map(toLog);
}

function toLog(row: Row): RecoveryLog {
  const json = new JsonColumns(`recovery log ${row.id}`);
  const details = json.object('details', row.details);
  return { ...row, details, created_at: isoOfSqlTime(row.created_at), problems: json.problems };
}
