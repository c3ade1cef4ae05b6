import type { Mirror } from '../mirror.ts';

/**
 * Those of some failed runs that a scan has handled. One that met an error is not among them, nor one that was left alone
 * because recovery or notification was switched off: it waits until that is switched on.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function handledRuns(mirror: Mirror, runIds: readonly string[]): Set<string> {
  const sql = `SELECT run_id FROM failure_handling
    WHERE run_id IN (SELECT value FROM json_each(?)) AND action <> 'error'
      AND NOT (action = 'skipped' AND coalesce(detail, '') IN ('recovery_disabled', 'notification_disabled'))`;
  const rows = mirror.read((c) => c.all<{ run_id: string }>(sql, [JSON.stringify(runIds)]));
  return new Set(rows.map((row) => row.run_id));
}
