import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';

const DAY_MS = 86_400_000;

/** `recovery_events_7days` of the documents: entries of the recovery log of the last 7 days. */
export function countRecoveryEvents(mirror: Mirror, nowMs = Date.now()): number {
  const sql = 'SELECT count(*) AS n FROM recovery_logs WHERE created_at >= ?';
  return mirror.read((c) => c.get<{ n: number }>(sql, [sqlTime(nowMs - 7 * DAY_MS)])?.n ?? 0);
}
