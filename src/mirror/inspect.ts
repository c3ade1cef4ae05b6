import { existsSync } from 'node:fs';
import { isDamage, withMirrorErrors } from './errors.ts';
import { integrityProblems } from './maintain.ts';
import { pendingMigrations, schemaVersion } from './migrate.ts';
import { loadMigrations } from './migrations.ts';
import { openForReading } from './open.ts';

/** What a file is. */
export interface FileReport {
  readonly state: 'missing' | 'sound' | 'damaged';
  /** What SQLite found; empty unless it is damaged. */
  readonly problems: readonly string[];
  /** Its schema's version; 0: it has none, so it is no mirror yet. */
  readonly schema: number;
}

/**
 * Looks at a file that may be a mirror, or the backup of one; changes nothing. Takes as long as reading all of it.
 * @throws {RekindleError} `MIRROR_NEWER` when a newer rekindle wrote it; `MIRROR_UNAVAILABLE` when it is another
 *   program's, locked or not readable.
 */
export function inspectFile(path: string): FileReport {
  if (!existsSync(path)) return { state: 'missing', problems: [], schema: 0 };
  try {
    const connection = openForReading(path);
    try {
      return withMirrorErrors(path, () => {
        pendingMigrations(connection, path, loadMigrations());
        const problems = integrityProblems(connection);
        return {
          state: problems.length > 0 ? ('damaged' as const) : ('sound' as const),
          problems,
          schema: schemaVersion(connection),
        };
      });
    } finally {
      connection.close();
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    // Whoever tells it says of which file it is.
    const what = (error as Error).message.replace(`the mirror ${path} is damaged: `, '');
    return { state: 'damaged', problems: [what], schema: 0 };
  }
}
