import { accessSync, constants, existsSync } from 'node:fs';
import { isRekindleError, RekindleError } from '../domain/error-codes.ts';
import { type ProcessLock, tryLock } from '../locks/process-lock.ts';

/** Why this process is not the one that writes the mirror. */
export type NotOwner = 'busy' | 'read-only';

/**
 * Takes the ownership of the mirror: who holds the lock beside its file is the only one that writes it.
 * `read-only`: this process may not write there, e.g. because the volume is another container's.
 */
export function tryOwnMirror(path: string, purpose: string): ProcessLock | NotOwner {
  try {
    if (existsSync(path)) accessSync(path, constants.W_OK);
    return tryLock(`${path}.lock`, purpose) ?? 'busy';
  } catch (error) {
    if (isReadOnly(error)) return 'read-only';
    throw error;
  }
}

const DENIED = /^(EACCES|EPERM|EROFS|SQLITE_READONLY|SQLITE_CANTOPEN)/;

function isReadOnly(error: unknown): boolean {
  const cause = isRekindleError(error, 'NOT_WRITABLE') ? error.cause : error;
  return DENIED.test((cause as { code?: string } | null)?.code ?? '');
}

/** What to tell somebody who wanted this process to be the one. */
export function notOwner(path: string, why: NotOwner): RekindleError {
  if (why === 'read-only') {
    return new RekindleError('NOT_WRITABLE', `the mirror ${path} cannot be written by this process`, {
      hint: 'Correct the permissions of the file and its directory, or run it where they may be written.',
    });
  }
  return new RekindleError('TASK_STATE', `another process keeps ${path} up to date`, {
    hint: 'One is enough. A running `rekindle up` repairs its mirror by itself, also when the file is deleted.',
  });
}
