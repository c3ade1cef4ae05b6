import type { InAppMessage, MessagesRead, ReadMessages } from '../../domain/in-app-message.ts';
import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';

/**
 * Writes a message, new or changed. One that was read stays so.
 * @returns whether the row is new or changed.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function putMessage(mirror: Mirror, { taskIds, atMs, ...message }: InAppMessage): boolean {
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
 * Notes that somebody has read messages, in one transaction; the first time counts.
 * @returns how many nobody had read before, and the IDs of which there is no message.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function markMessagesRead(mirror: Mirror, { ids, team, atMs }: ReadMessages): MessagesRead {
  const of = { team, at: sqlTime(atMs) };
  return mirror.write((connection) => {
    if (ids === null)
      return { read: connection.run(`${MARK} (@team IS NULL OR team = @team)`, of), unknown: [] };
    const known = ids.filter((id) => connection.get(IS_THERE, { id, team }) !== undefined);
    const read = known.reduce((sum, id) => sum + connection.run(`${MARK} id = @id`, { id, at: of.at }), 0);
    return { read, unknown: ids.filter((id) => !known.includes(id)) };
  });
}

const MARK = 'UPDATE messages SET read_at = @at WHERE read_at IS NULL AND';
const IS_THERE = 'SELECT 1 FROM messages WHERE id = @id AND (@team IS NULL OR team = @team)';
