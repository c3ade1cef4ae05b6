import type { InAppMessage } from '../../domain/in-app-message.ts';
import type { Mirror } from '../mirror.ts';
import { isoOfSqlTime, isoOrNull } from '../time.ts';
import { JsonColumns } from './json-column.ts';
import { where } from './where.ts';

/** A row of `messages`. Times are ISO 8601 in UTC. */
export interface MirrorMessage extends Omit<InAppMessage, 'taskIds' | 'atMs'> {
  readonly task_ids: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
  /** null: nobody has read it. */
  readonly read_at: string | null;
  /** What is damaged in this row; empty for a sound one. */
  readonly problems: readonly string[];
}

/** Which messages to list; all conditions must hold. */
export interface MessageFilter {
  readonly team?: string | undefined;
  /** true: only unread ones, false: only read ones. @default both */
  readonly unread?: boolean | undefined;
  /** @default 100 */
  readonly limit?: number;
}

type Row = Omit<MirrorMessage, 'task_ids' | 'problems'> & { readonly task_ids: string };

/** In-app messages, the last changed first. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function listMessages(mirror: Mirror, filter: MessageFilter = {}): MirrorMessage[] {
  const { team, unread, limit = 100 } = filter;
  const conditions = where({
    'team = @team': team,
    '(read_at IS NULL) = @unread': unread === undefined ? undefined : Number(unread),
  });
  const sql = `SELECT id, team, audience, priority, subject, body, count, task_ids, created_at, updated_at, read_at
    FROM messages ${conditions.sql} ORDER BY updated_at DESC, id LIMIT @limit`;
  const rows = mirror.read((connection) => connection.all<Row>(sql, { ...conditions.params, limit }));
  return rows.map(toMessage);
}

function toMessage(row: Row): MirrorMessage {
  const json = new JsonColumns(`message ${row.id}`);
  return {
    ...row,
    task_ids: json.parsed('task_ids', row.task_ids, textList) ?? [],
    created_at: isoOfSqlTime(row.created_at),
    updated_at: isoOfSqlTime(row.updated_at),
    read_at: isoOrNull(row.read_at),
    problems: json.problems,
  };
}

function textList(value: unknown): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new Error('expected a list of texts');
}
