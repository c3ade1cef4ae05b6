import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** One numbered file of `sql/`. */
export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  /** The file's name. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text with LF line ends, so that a checkout with CRLF is no edit. */
  readonly checksum: string;
}

/** `sql/` lies beside `src/` in a checkout and beside `dist/` in the published package. */
const SQL_DIRECTORY = new URL('../../sql/', import.meta.url);

/**
 * Reads the migrations in order.
 * @param directory @default the package's `sql/`
 * @throws {Error} when the numbers have a gap or repeat: a mistake in the package, not the user's.
 */
export function loadMigrations(directory: URL = SQL_DIRECTORY): Migration[] {
  const names = readdirSync(directory).filter((name) => /^\d{4}_.*\.sql$/.test(name));
  return names.sort().map((name, i) => {
    const version = Number(name.slice(0, 4));
    if (version !== i + 1) throw new Error(`sql/${name} should be number ${i + 1}: migrations have no gaps`);
    const sql = readFileSync(new URL(name, directory), 'utf8').replaceAll('\r\n', '\n');
    return { version, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}
