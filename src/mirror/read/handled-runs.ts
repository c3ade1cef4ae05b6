import type { Mirror } from '../mirror.ts';

/**
 * Those of some failed runs that a scan has handled; one that met an error is not among them.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function handledRuns(mirror: Mirror, runIds: readonly string[]): Set<string> {
  const sql = `SELECT run_id FROM failure_handling
    WHERE run_id IN (SELECT value FROM json_each(?)) AND action <> 'error'`;
  const rows = mirror.read((c) => c.all<{ run_id: string }>(sql, [JSON.stringify(runIds)]));
  return new Set(rows.map((row) => row.run_id));
}
