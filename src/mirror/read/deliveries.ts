import type { Mirror } from '../mirror.ts';
import { isoOfSqlTime, isoOrNull } from '../time.ts';
import type { DeliveryInput } from '../write/deliveries.ts';
import { where } from './where.ts';

/** A row of `notification_deliveries`. Times are ISO 8601 in UTC. */
export interface MirrorDelivery {
  readonly digest_id: string;
  readonly channel: string;
  readonly group_key: string;
  readonly status: DeliveryInput['status'];
  readonly attempts: number;
  readonly last_error: string | null;
  /** Notifications that the digest tells of. */
  readonly count: number;
  readonly decided_at: string;
  readonly delivered_at: string | null;
  /** When the channel last answered. */
  readonly updated_at: string;
}

/** Which deliveries to list. */
export interface DeliveryFilter {
  /** @default all */
  readonly status?: DeliveryInput['status'] | undefined;
  /** @default 100 */
  readonly limit?: number;
}

/** Lists deliveries, the last decided first. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function listDeliveries(mirror: Mirror, filter: DeliveryFilter = {}): MirrorDelivery[] {
  const { status, limit = 100 } = filter;
  const conditions = where({ 'status = @status': status });
  const sql = `SELECT digest_id, channel, group_key, status, attempts, last_error, count, decided_at, delivered_at,
      updated_at
    FROM notification_deliveries ${conditions.sql} ORDER BY decided_at DESC, digest_id, channel LIMIT @limit`;
  const rows = mirror.read((c) => c.all<MirrorDelivery>(sql, { ...conditions.params, limit }));
  return rows.map((row) => ({
    ...row,
    decided_at: isoOfSqlTime(row.decided_at),
    delivered_at: isoOrNull(row.delivered_at),
    updated_at: isoOfSqlTime(row.updated_at),
  }));
}
