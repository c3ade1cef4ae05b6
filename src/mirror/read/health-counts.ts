import type { HealthCounts, Span } from '../../monitoring/ports.ts';
import type { Connection } from '../connection.ts';
import type { Mirror } from '../mirror.ts';
import { msOrNull, sqlTime } from '../time.ts';

/**
 * Counts what alerts are about. Fast whatever there is: all of it is read from indexes.
 * @param deliveredSinceMs of deliveries, only those from here on count, in ms since the epoch. @default the whole span
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function healthCounts(mirror: Mirror, span: Span, deliveredSinceMs = span.sinceMs): HealthCounts {
  const since = sqlTime(span.sinceMs);
  const until = sqlTime(span.untilMs);
  return mirror.read((connection) => ({
    ...endedTasks(connection, span),
    lastRecoveryOutcomes: lastOutcomes(connection),
    recoveries: automaticRecoveries(connection, since, until),
    recentFailures: count(
      connection,
      'SELECT count(*) AS n FROM failures WHERE failed_at >= ? AND failed_at < ?',
      since,
      until,
    ),
    unknownErrors: count(
      connection,
      `SELECT count(*) AS n FROM failures WHERE category = 'unknown' AND failed_at >= ? AND failed_at < ?`,
      since,
      until,
    ),
    undelivered: undelivered(connection, since, until),
    slowestDeliverySeconds: slowestDelivery(connection, sqlTime(deliveredSinceMs), until),
  }));
}

/** Recoveries that ended in a span and that no person asked for. */
export function automaticRecoveries(
  connection: Connection,
  since: string,
  until: string,
): { readonly total: number; readonly good: number } {
  const row = connection.get<{ total: number; good: number | null }>(
    `SELECT count(*) AS total, sum(outcome = 'completed') AS good FROM task_recoveries
     WHERE ended_at >= ? AND ended_at < ? AND strategy <> 'forced' AND outcome IN ('completed', 'failed')`,
    [since, until],
  );
  return { total: row?.total ?? 0, good: row?.good ?? 0 };
}

function count(connection: Connection, sql: string, since: string, until: string): number {
  return connection.get<{ n: number }>(sql, [since, until])?.n ?? 0;
}

function endedTasks(connection: Connection, { sinceMs, untilMs }: Span) {
  const ended = (status: string): number =>
    connection.get<{ n: number }>(
      'SELECT count(*) AS n FROM task_runs WHERE run_status = ? AND run_closed_ms >= ? AND run_closed_ms < ?',
      [status, sinceMs, untilMs],
    )?.n ?? 0;
  const failedTasks = ended('FAILED') + ended('TIMED_OUT') + ended('TERMINATED');
  return { endedTasks: failedTasks + ended('COMPLETED'), failedTasks };
}

function lastOutcomes(connection: Connection): ('completed' | 'failed')[] {
  const rows = connection.all<{ outcome: 'completed' | 'failed' }>(
    `SELECT outcome FROM task_recoveries
     WHERE ended_at IS NOT NULL AND strategy <> 'forced' AND outcome IN ('completed', 'failed')
     ORDER BY ended_at DESC LIMIT 20`,
  );
  return rows.map((row) => row.outcome);
}

function undelivered(connection: Connection, since: string, until: string): HealthCounts['undelivered'] {
  const row = connection.get<{ oldest: string | null; n: number | null }>(
    `SELECT min(decided_at) AS oldest, sum(count) AS n FROM (
       SELECT min(decided_at) AS decided_at, max(count) AS count FROM notification_deliveries
       WHERE decided_at >= ? AND decided_at < ?
       GROUP BY digest_id HAVING max(status = 'delivered') = 0)`,
    [since, until],
  );
  return { oldestDecidedMs: msOrNull(row?.oldest ?? null), count: row?.n ?? 0 };
}

function slowestDelivery(connection: Connection, since: string, until: string): number | null {
  const row = connection.get<{ seconds: number | null }>(
    `SELECT max(seconds) AS seconds FROM (
       SELECT unixepoch(min(delivered_at), 'subsec') - unixepoch(min(decided_at), 'subsec') AS seconds
       FROM notification_deliveries
       WHERE digest_id IN (SELECT digest_id FROM notification_deliveries WHERE delivered_at >= ? AND delivered_at < ?)
       GROUP BY digest_id HAVING min(delivered_at) >= ?)`,
    [since, until, since],
  );
  return row?.seconds == null ? null : Math.round(row.seconds * 1000) / 1000;
}
