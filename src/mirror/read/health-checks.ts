import type { KeptCheck } from '../../monitoring/ports.ts';
import type { Mirror } from '../mirror.ts';
import { msOfSqlTime } from '../time.ts';

/** The latest health check; undefined: none was made. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function lastHealthCheck(mirror: Mirror): KeptCheck | undefined {
  return mirror.read((connection) => {
    const last = connection.get<{ checked_at: string }>(
      'SELECT checked_at FROM health_checks ORDER BY checked_at DESC LIMIT 1',
    );
    if (!last) return undefined;
    const faults = connection.all<{ name: string }>(FAULTS, [last.checked_at]);
    return { atMs: msOfSqlTime(last.checked_at), faults: faults.map(({ name }) => name) };
  });
}

/** The details may be damaged, as the file is edited by hand. */
const FAULTS = `
SELECT item.value ->> '$.name' AS name
FROM health_checks, json_each(CASE WHEN json_valid(details) THEN details ELSE '{}' END, '$.checks') AS item
WHERE checked_at = ? AND item.type = 'object' AND item.value ->> '$.ok' = 0 AND item.value ->> '$.name' IS NOT NULL`;
