import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';

/** How a channel fared with a digest. Times in milliseconds since the epoch. */
export interface DeliveryInput {
  readonly digestId: string;
  readonly channel: string;
  /** `failed`: for good. */
  readonly status: 'delivered' | 'failed' | 'retrying';
  /** Tries so far. */
  readonly attempts: number;
  /** The last try's error; null: there was none. */
  readonly error: string | null;
  /** Notifications that the digest tells of. */
  readonly count: number;
  /** When it was handed to the channel; the delay of the channel is measured from here. */
  readonly decidedAtMs: number;
  /** When the last of its notifications was decided: the digest's `lastDecidedAtMs`. */
  readonly lastDecidedAtMs: number;
  /** When the channel answered. */
  readonly atMs: number;
  readonly groupKey: string;
}

/**
 * Notes how a channel fared with a digest, in one transaction. What was delivered stays so. The first channel that
 * delivers sets `first_delivered_at` of the notifications that the digest tells of.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function recordDelivery(mirror: Mirror, input: DeliveryInput): void {
  const { digestId, channel, status, attempts, error, count, groupKey } = input;
  const at = sqlTime(input.atMs);
  const told = { digest_id: digestId, group_key: groupKey, last_decided_at: sqlTime(input.lastDecidedAtMs) };
  mirror.write((connection) => {
    connection.run(UPSERT, {
      digest_id: digestId,
      channel,
      group_key: groupKey,
      status,
      attempts,
      last_error: error,
      count,
      decided_at: sqlTime(input.decidedAtMs),
      delivered_at: status === 'delivered' ? at : null,
      updated_at: at,
    });
    if (status === 'delivered') connection.run(SET_DELIVERED, { ...told, at });
  });
}

const UPSERT = `
INSERT INTO notification_deliveries (digest_id, channel, group_key, status, attempts, last_error, count, decided_at,
  delivered_at, updated_at)
VALUES (@digest_id, @channel, @group_key, @status, @attempts, @last_error, @count, @decided_at, @delivered_at,
  @updated_at)
ON CONFLICT (digest_id, channel) DO UPDATE SET
  status = excluded.status, attempts = excluded.attempts, last_error = excluded.last_error, count = excluded.count,
  delivered_at = excluded.delivered_at, updated_at = excluded.updated_at
WHERE status <> 'delivered'`;

const SET_DELIVERED = `
UPDATE notifications SET first_delivered_at = @at, digest_id = @digest_id
WHERE group_key = @group_key AND decided_at <= @last_decided_at AND first_delivered_at IS NULL`;
