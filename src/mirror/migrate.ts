import { RekindleError } from '../domain/error-codes.ts';
import type { Connection } from './connection.ts';
import { unavailable } from './errors.ts';
import type { Migration } from './migrations.ts';

interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

const CREATE_HISTORY = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
)`;

/**
 * Brings the file to the newest schema, one transaction for each migration. Doing it again does nothing.
 * @returns the versions that were applied now.
 * @throws {RekindleError} `MIRROR_NEWER` when a newer rekindle wrote the file; `MIRROR_UNAVAILABLE` when a
 *   migration was edited after it had been applied, or when the file is another program's.
 */
export function migrate(connection: Connection, path: string, migrations: readonly Migration[]): number[] {
  const pending = pendingMigrations(connection, path, migrations);
  connection.setUpForWriting();
  return pending.filter((migration) => applyOne(connection, migration)).map(({ version }) => version);
}

/** The file's schema version; 0 when it has none. */
export function schemaVersion(connection: Connection): number {
  return appliedMigrations(connection).at(-1)?.version ?? 0;
}

/**
 * Checks a file that may only be read: it must have exactly the schema that this version reads.
 * @throws {RekindleError} as {@link migrate}, and `MIRROR_UNAVAILABLE` when migrations are missing.
 */
export function requireMigrated(
  connection: Connection,
  path: string,
  migrations: readonly Migration[],
): void {
  const [first] = pendingMigrations(connection, path, migrations);
  if (!first) return;
  throw unavailable(
    path,
    `has schema ${first.version - 1}, this version of rekindle reads ${migrations.length}`,
    'Start `rekindle up` once: it brings the file up to date.',
  );
}

/**
 * The migrations that the file lacks; changes nothing.
 * @throws {RekindleError} as {@link migrate}.
 */
export function pendingMigrations(
  connection: Connection,
  path: string,
  migrations: readonly Migration[],
): Migration[] {
  const applied = appliedMigrations(connection);
  if (applied.length === 0) refuseForeignFile(connection, path);
  const newest = applied.at(-1)?.version ?? 0;
  if (newest > migrations.length) throw newer(path, newest, migrations.length);
  for (const [i, migration] of migrations.entries()) {
    const done = applied[i];
    if (done && done.checksum !== migration.checksum) throw edited(path, migration);
  }
  return migrations.slice(applied.length);
}

function appliedMigrations(connection: Connection): AppliedMigration[] {
  if (!connection.tables().includes('schema_migrations')) return [];
  return connection.all('SELECT version, name, checksum FROM schema_migrations ORDER BY version');
}

/** Whether it was applied here: another process may have been faster. */
function applyOne(connection: Connection, migration: Migration): boolean {
  return connection.transaction(() => {
    connection.exec(CREATE_HISTORY);
    const known = connection.get('SELECT 1 FROM schema_migrations WHERE version = ?', [migration.version]);
    if (known) return false;
    connection.exec(migration.sql);
    connection.run('INSERT INTO schema_migrations (version, name, checksum) VALUES (?, ?, ?)', [
      migration.version,
      migration.name,
      migration.checksum,
    ]);
    return true;
  });
}

/** A wrong `database.path` must not fill somebody else's database with our tables. */
function refuseForeignFile(connection: Connection, path: string): void {
  const tables = connection.tables().filter((name) => name !== 'schema_migrations');
  if (tables.length === 0) return;
  throw unavailable(
    path,
    `is another program's database (it has a table ${tables[0]})`,
    'Set recovery.database.path to another file, or move this one away.',
  );
}

function newer(path: string, found: number, known: number): RekindleError {
  return new RekindleError(
    'MIRROR_NEWER',
    `the mirror ${path} has schema ${found}, this version of rekindle knows ${known}`,
    {
      hint: 'Update rekindle, or move the file away: it is made anew from Temporal.',
      facts: { path, found, known },
    },
  );
}

function edited(path: string, migration: Migration): RekindleError {
  return unavailable(
    path,
    `was made with another text of sql/${migration.name}`,
    'Reinstall rekindle (migrations are never edited), or move the file away: it is made anew from Temporal.',
  );
}
