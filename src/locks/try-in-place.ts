import { isRekindleError } from '../domain/error-codes.ts';
import { type ProcessLock, tryLock } from './process-lock.ts';

const TRIES = 50;

/** As {@link tryLock}, where the file's directory may be removed by others just after it was made. */
export function tryInPlace(path: string, purpose?: string): ProcessLock | null {
  for (let left = TRIES; ; left -= 1) {
    try {
      return tryLock(path, purpose);
    } catch (error) {
      if (left === 0 || !isRekindleError(error, 'NOT_WRITABLE')) throw error;
    }
  }
}
