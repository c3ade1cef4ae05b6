import type { Mirror } from '../mirror.ts';
import { isoOfSqlTime, isoOrNull } from '../time.ts';
import { where } from './where.ts';

/** A row of `notifications`. Times are ISO 8601 in UTC. */
export interface MirrorNotification {
  readonly id: string;
  readonly kind: string;
  readonly audience: string;
  readonly priority: string;
  readonly task_id: string | null;
  readonly task_type: string | null;
  readonly category: string | null;
  readonly fingerprint: string | null;
  readonly group_key: string;
  readonly title: string | null;
  readonly message: string;
  readonly occurred_at: string;
  readonly decided_at: string;
  readonly logged_at: string;
  /** null: no channel has delivered it; the logs have it. */
  readonly first_delivered_at: string | null;
  /** The digest that was delivered first. */
  readonly digest_id: string | null;
}

/** Which notifications to list. */
export interface NotificationFilter {
  /** @default all */
  readonly audience?: string | undefined;
  /** @default 100 */
  readonly limit?: number;
}

/** Lists notifications, the last decided first. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function listNotifications(mirror: Mirror, filter: NotificationFilter = {}): MirrorNotification[] {
  const { audience, limit = 100 } = filter;
  const conditions = where({ 'audience = @audience': audience });
  const sql = `SELECT id, kind, audience, priority, task_id, task_type, category, fingerprint, group_key, title, message,
      occurred_at, decided_at, logged_at, first_delivered_at, digest_id
    FROM notifications ${conditions.sql} ORDER BY decided_at DESC, rowid DESC LIMIT @limit`;
  const rows = mirror.read((c) => c.all<MirrorNotification>(sql, { ...conditions.params, limit }));
  return rows.map((row) => ({
    ...row,
    occurred_at: isoOfSqlTime(row.occurred_at),
    decided_at: isoOfSqlTime(row.decided_at),
    logged_at: isoOfSqlTime(row.logged_at),
    first_delivered_at: isoOrNull(row.first_delivered_at),
  }));
}

/** Whether a notification got as far as the logs. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function hasNotification(mirror: Mirror, id: string): boolean {
  return mirror.read((c) => c.get('SELECT 1 FROM notifications WHERE id = ?', [id])) !== undefined;
}
