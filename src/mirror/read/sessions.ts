import type { JsonObject } from '../../domain/json.ts';
import type { Mirror } from '../mirror.ts';
import { isoOfSqlTime } from '../time.ts';
import { JsonColumns } from './json-column.ts';

/** A row of `sessions`. Times are ISO 8601 in UTC. */
export interface MirrorSession {
  readonly session_id: string;
  readonly user_id: string;
  readonly session_type: string;
  readonly status: string;
  readonly data: JsonObject | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly expires_at: string | null;
  /** What is damaged in this row; empty for a sound one. */
  readonly problems: readonly string[];
}

type Row = Omit<MirrorSession, 'data' | 'problems'> & { readonly data: string | null };

const COLUMNS = 'session_id, user_id, session_type, status, data, created_at, updated_at, expires_at';

/** One session, or undefined. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function getSession(mirror: Mirror, sessionId: string): MirrorSession | undefined {
  const sql = `SELECT ${COLUMNS} FROM sessions WHERE session_id = ?`;
  const row = mirror.read((connection) => connection.get<Row>(sql, [sessionId]));
  return row && toSession(row);
}

/** The sessions of a status, the last changed first. @param limit @default 100 */
export function listSessions(mirror: Mirror, status: string, limit = 100): MirrorSession[] {
  const sql = `SELECT ${COLUMNS} FROM sessions WHERE status = ? ORDER BY updated_at DESC, session_id LIMIT ?`;
  return mirror.read((connection) => connection.all<Row>(sql, [status, limit])).map(toSession);
}

/** The session of a type that began last. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function lastSession(mirror: Mirror, sessionType: string): MirrorSession | undefined {
  const sql = `SELECT ${COLUMNS} FROM sessions WHERE session_type = ? ORDER BY created_at DESC, session_id DESC LIMIT 1`;
  const row = mirror.read((connection) => connection.get<Row>(sql, [sessionType]));
  return row && toSession(row);
}

function toSession(row: Row): MirrorSession {
  const json = new JsonColumns(`session ${row.session_id}`);
  return {
    ...row,
    data: json.object('data', row.data),
    created_at: isoOfSqlTime(row.created_at),
    updated_at: isoOfSqlTime(row.updated_at),
    expires_at: row.expires_at === null ? null : isoOfSqlTime(row.expires_at),
    problems: json.problems,
  };
}
