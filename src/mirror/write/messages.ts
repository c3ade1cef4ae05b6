import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';

/** An in-app message. */
export interface MessageInput {
  /** The same message, told again with a greater count, has the same ID. */
  readonly id: string;
  /** Who shall see it, e.g. `customer_service`. */
  readonly team: string;
  readonly audience: string;
  readonly priority: string;
  readonly subject: string;
  readonly body: string;
  /** Notifications that it tells of. */
  readonly count: number;
  readonly taskIds: readonly string[];
  /** When it was written, in ms since the epoch. */
  readonly atMs: number;
}

/**
 * Writes a message, new or changed. One that was read stays so.
 * @returns whether the row is new or changed.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function putMessage(mirror: Mirror, { taskIds, atMs, ...message }: MessageInput): boolean {
  const row = { ...message, task_ids: JSON.stringify(taskIds), at: sqlTime(atMs) };
  return mirror.write((connection) => connection.run(UPSERT, row) > 0);
}

const UPSERT = `
INSERT INTO messages (id, team, audience, priority, subject, body, count, task_ids, created_at, updated_at)
VALUES (@id, @team, @audience, @priority, @subject, @body, @count, @task_ids, @at, @at)
ON CONFLICT (id) DO UPDATE SET
  team = excluded.team, audience = excluded.audience, priority = excluded.priority, subject = excluded.subject,
  body = excluded.body, count = excluded.count, task_ids = excluded.task_ids, updated_at = excluded.updated_at
WHERE (team, audience, priority, subject, body, count, task_ids) IS NOT (excluded.team, excluded.audience,
  excluded.priority, excluded.subject, excluded.body, excluded.count, excluded.task_ids)`;

/**
 * Notes that somebody has read a message; the first time counts.
 * @returns whether there is such a message.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function markMessageRead(mirror: Mirror, id: string, atMs = Date.now()): boolean {
  const sql = 'UPDATE messages SET read_at = coalesce(read_at, ?) WHERE id = ?';
  return mirror.write((connection) => connection.run(sql, [sqlTime(atMs), id]) > 0);
}
