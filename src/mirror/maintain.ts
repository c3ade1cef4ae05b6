import type { Mirror } from './mirror.ts';

/**
 * SQLite's own check of the file's structure.
 * @returns the problems, `[]` for a sound file.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE` when the file cannot even be read.
 */
export function integrityCheck(mirror: Mirror): string[] {
  const rows = mirror.read((connection) =>
    connection.all<{ integrity_check: string }>('PRAGMA integrity_check'),
  );
  return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok');
}

/** Writes the file anew without the space that deleted rows left, and refreshes what the query planner knows. */
export function vacuum(mirror: Mirror): void {
  mirror.direct((connection) => {
    connection.exec('VACUUM');
    connection.exec('PRAGMA optimize');
    connection.pragma('wal_checkpoint(TRUNCATE)');
  });
}
