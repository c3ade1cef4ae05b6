import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Connection, type ConnectionOptions } from './connection.ts';
import { unavailable, withMirrorErrors } from './errors.ts';
import { migrate, requireMigrated } from './migrate.ts';
import { loadMigrations, type Migration } from './migrations.ts';
import { Mirror, type MirrorOptions } from './mirror.ts';

/**
 * Opens the mirror; makes its directory and the file when they are missing, and brings the schema up to date.
 * With `readonly` nothing is made or changed.
 * @param migrations @default those of the package
 * @throws {RekindleError} `MIRROR_UNAVAILABLE` (missing, damaged, locked, not permitted) or `MIRROR_NEWER`.
 */
export function openMirror(
  path: string,
  options: MirrorOptions = {},
  migrations: readonly Migration[] = loadMigrations(),
): Mirror {
  if (options.readonly) requireFile(path);
  else makeDirectory(path);
  return withMirrorErrors(path, () => {
    const connection = new Connection(path, options);
    try {
      if (!options.readonly) migrate(connection, path, migrations);
      else requireMigrated(connection, path, migrations);
    } catch (error) {
      connection.close();
      throw error;
    }
    if (!options.readonly) return new Mirror(path, connection, options);
    connection.close();
    return new Mirror(path, undefined, options);
  });
}

/** Opens one connection to a file that must exist and of which nothing else is assumed. */
export function openForReading(path: string, options: ConnectionOptions = {}): Connection {
  requireFile(path);
  return withMirrorErrors(path, () => new Connection(path, { ...options, readonly: true }));
}

/** @throws {RekindleError} `MIRROR_UNAVAILABLE` when there is no mirror. */
export function requireFile(path: string): void {
  if (existsSync(path)) return;
  throw unavailable(path, 'does not exist', 'Start `rekindle up`, or run `rekindle mirror rebuild`.');
}

function makeDirectory(path: string): void {
  const directory = dirname(path);
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw unavailable(
      path,
      `cannot be made: ${(error as Error).message}`,
      `Check that ${directory} is a directory you may write.`,
      error,
    );
  }
}
