import type { Mirror } from '../mirror.ts';
import type { FailureRow } from '../run-rows.ts';
import { isoOfSqlTime, isoOrNull, sqlTime } from '../time.ts';
import type { HandlingAction } from '../write/handling.ts';
import { where } from './where.ts';

/** A row of `failures` with what was done about it. Times are ISO 8601 in UTC. */
export interface MirrorFailure extends Omit<FailureRow, 'attempts'> {
  /** null: no scan has looked at it yet. */
  readonly action: HandlingAction | null;
  readonly detail: string | null;
  /** Of the recovery that was scheduled; so is `attempt`. */
  readonly delay_seconds: number | null;
  readonly attempt: number | null;
  readonly scan_id: string | null;
  readonly handled_at: string | null;
}

/** Which failures to list; all conditions must hold. */
export interface FailureFilter {
  readonly category?: string | undefined;
  readonly type?: string | undefined;
  readonly fingerprint?: string | undefined;
  /** Milliseconds since the epoch. @default all */
  readonly sinceMs?: number | undefined;
  /** @default 100 */
  readonly limit?: number;
}

/** Lists failed runs, the newest first. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function listFailures(mirror: Mirror, filter: FailureFilter = {}): MirrorFailure[] {
  const { category, type, fingerprint, sinceMs, limit = 100 } = filter;
  const conditions = where({
    'category = @category': category,
    'task_type = @type': type,
    'fingerprint = @fingerprint': fingerprint,
    'f.failed_at >= @since': sinceMs === undefined ? undefined : sqlTime(sinceMs),
  });
  const sql = `SELECT f.run_id, f.task_id, task_type, category, rule, confidence, fingerprint, message, error_type, host,
      step, retry_type, recovery_attempts, run_status, f.failed_at, action, detail, delay_seconds, attempt, scan_id,
      handled_at
    FROM failures AS f LEFT JOIN failure_handling AS h ON h.run_id = f.run_id
    ${conditions.sql} ORDER BY f.failed_at DESC, f.rowid DESC LIMIT @limit`;
  const rows = mirror.read((c) => c.all<MirrorFailure>(sql, { ...conditions.params, limit }));
  return rows.map((row) => ({
    ...row,
    failed_at: isoOfSqlTime(row.failed_at),
    handled_at: isoOrNull(row.handled_at),
  }));
}
