import { isRekindleError, RekindleError } from '../domain/error-codes.ts';
import { codeOf } from './network-error.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const READ_ONLY = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * What a failed file operation at `path` means: DISK_FULL or NOT_WRITABLE; any other error as it is.
 * @param needed bytes that were still to be written, when that is known
 */
function diskError(error: unknown, path: string, needed?: number): unknown {
  if (isRekindleError(error)) return error;
  const code = codeOf(error);
  if (code !== undefined && FULL.has(code)) {
    const rest = needed === undefined ? '' : `: ${readableBytes(needed)} more needed`;
    return new RekindleError('DISK_FULL', `no space left on the disk (or quota) of ${path}${rest}`, {
      hint: 'Free some space and resume; what has been downloaded is kept.',
      cause: error,
      facts: { path, ...(needed === undefined ? {} : { needed }) },
    });
  }
  if (code !== undefined && READ_ONLY.has(code)) {
    return new RekindleError('NOT_WRITABLE', `${path} cannot be written (${code})`, {
      hint: 'Choose another directory with --to, or change its permissions.',
      cause: error,
      facts: { path },
    });
  }
  return error;
}

/** Runs `operation`, with its errors translated by {@link diskError}. */
export async function onDisk<T>(path: string, operation: () => Promise<T>, needed?: number): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw diskError(error, path, needed);
  }
}

/** `bytes` for people, in binary units. */
export function readableBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
