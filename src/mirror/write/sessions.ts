import type { JsonObject } from '../../domain/json.ts';
import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';
import { jsonText } from './json-text.ts';

/** A session as it is written. Times in milliseconds since the epoch. */
export interface SessionInput {
  readonly sessionId: string;
  readonly userId: string;
  /** E.g. `recovery`, `login`. */
  readonly sessionType: string;
  readonly status: string;
  readonly data?: JsonObject | null;
  /** When it began; only counts when the session is new. @default updatedAtMs */
  readonly createdAtMs?: number;
  /** @default now */
  readonly updatedAtMs?: number;
  /** @default null: it does not expire */
  readonly expiresAtMs?: number | null;
}

/**
 * Writes a session, new or changed. An older state never replaces a newer one (`updatedAtMs`), so an activity may run
 * twice.
 * @returns whether the row is new or changed.
 * @throws {RekindleError} `INVALID_INPUT` when `data` is not JSON; `MIRROR_UNAVAILABLE`.
 */
export function upsertSession(mirror: Mirror, session: SessionInput): boolean {
  const updatedAtMs = session.updatedAtMs ?? Date.now();
  const row = {
    session_id: session.sessionId,
    user_id: session.userId,
    session_type: session.sessionType,
    status: session.status,
    data: jsonText(session.data ?? null, `session ${session.sessionId}: data`),
    created_at: sqlTime(session.createdAtMs ?? updatedAtMs),
    updated_at: sqlTime(updatedAtMs),
    expires_at: session.expiresAtMs == null ? null : sqlTime(session.expiresAtMs),
  };
  return mirror.write((connection) => connection.run(UPSERT, row) > 0);
}

const UPSERT = `
INSERT INTO sessions (session_id, user_id, session_type, status, data, created_at, updated_at, expires_at)
VALUES (@session_id, @user_id, @session_type, @status, @data, @created_at, @updated_at, @expires_at)
ON CONFLICT (session_id) DO UPDATE SET
  user_id = excluded.user_id, session_type = excluded.session_type, status = excluded.status,
  data = excluded.data, updated_at = excluded.updated_at, expires_at = excluded.expires_at
WHERE excluded.updated_at >= updated_at`;
