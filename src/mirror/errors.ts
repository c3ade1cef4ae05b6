import { SqliteError } from 'better-sqlite3';
import { RekindleError } from '../domain/error-codes.ts';

/** What SQLite's codes mean to the reader, and what to do. Longest prefix first. */
const MEANINGS: readonly (readonly [prefix: string, what: string, hint: string])[] = [
  [
    'SQLITE_NOTADB',
    'is damaged: it is no SQLite file',
    'Run `rekindle mirror repair`; Temporal has the tasks.',
  ],
  ['SQLITE_CORRUPT', 'is damaged', 'Run `rekindle mirror repair`; Temporal has the tasks.'],
  ['SQLITE_BUSY', 'is locked by another process', 'Close the program that holds a transaction open on it.'],
  ['SQLITE_LOCKED', 'is locked', 'Close the program that holds a transaction open on it.'],
  ['SQLITE_FULL', 'cannot grow: the disk or the quota is full', 'Free some space.'],
  ['SQLITE_READONLY', 'cannot be written', 'Check the permissions of the file and its directory.'],
  ['SQLITE_CANTOPEN', 'cannot be opened', 'Check that the path is a file in a directory you may write.'],
  ['SQLITE_IOERR', 'cannot be read or written', 'Check the disk.'],
];

/** Turns what SQLite throws into a {@link RekindleError} `MIRROR_UNAVAILABLE`; other errors stay as they are. */
export function mirrorError(path: string, error: unknown): unknown {
  if (!(error instanceof SqliteError)) return error;
  const [, what, hint] = MEANINGS.find(([prefix]) => error.code.startsWith(prefix)) ?? [];
  return new RekindleError('MIRROR_UNAVAILABLE', `the mirror ${path} ${what ?? 'failed'}: ${error.message}`, {
    ...(hint ? { hint } : {}),
    cause: error,
    facts: { path, sqlite_code: error.code },
  });
}

/** Runs `fn`; what SQLite throws becomes a `MIRROR_UNAVAILABLE`. */
export function withMirrorErrors<T>(path: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    throw mirrorError(path, error);
  }
}

/** A `MIRROR_UNAVAILABLE` of our own, without a code of SQLite's. */
export function unavailable(path: string, problem: string, hint: string, cause?: unknown): RekindleError {
  return new RekindleError('MIRROR_UNAVAILABLE', `the mirror ${path} ${problem}`, {
    hint,
    facts: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What SQLite's checks found, as an error that {@link isDamage} knows. */
export function damaged(path: string, problem: string): RekindleError {
  return new RekindleError('MIRROR_UNAVAILABLE', `the mirror ${path} is damaged: ${problem}`, {
    hint: 'Run `rekindle mirror repair`; Temporal has the tasks.',
    facts: { path, sqlite_code: 'SQLITE_CORRUPT' },
  });
}

/** Whether `error` says that the file itself is damaged, so that only a new file helps. */
export function isDamage(error: unknown): boolean {
  const code = error instanceof RekindleError ? error.facts.sqlite_code : undefined;
  return typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB)/.test(code);
}
