import { isRekindleError, RekindleError } from '../domain/error-codes.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { HttpStatusError } from './http-status-error.ts';

/** Codes of a connection that was open and ended early. */
const LOST = new Set([
  'UND_ERR_SOCKET',
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);
const STALLED = new Set(['UND_ERR_BODY_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT']);
/** Lengths that contradict the framing. */
const WRONG_LENGTH = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH']);

/** The `code` of an error, when it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * What a failed request means: one of our codes where we can say it better than the system does; the
 * system's own error (ECONNREFUSED, ENOTFOUND, certificate errors …), whose code says enough, otherwise.
 */
export function networkError(error: unknown, url: URL | string): unknown {
  if (isRekindleError(error) || error instanceof HttpStatusError) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  if (LOST.has(code)) return connectionLost(url, error);
  if (STALLED.has(code)) return stalled(url, error);
  if (WRONG_LENGTH.has(code)) {
    return new RekindleError(
      'LENGTH_MISMATCH',
      `${maskUrl(url)} sent another number of bytes than it announced`,
      {
        cause: error,
      },
    );
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return connectTimeout(url, error);
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new RekindleError('HTTP_PROTOCOL', `the answer of ${maskUrl(url)} is not valid HTTP`, {
      cause: error,
    });
  }
  return error;
}

export function connectionLost(url: URL | string, cause?: unknown): RekindleError {
  return new RekindleError('CONNECTION_LOST', `${maskUrl(url)} closed the connection before the body ended`, {
    ...(cause === undefined ? {} : { cause }),
  });
}

export function stalled(url: URL | string, cause?: unknown): RekindleError {
  return new RekindleError('STALLED', `${maskUrl(url)} stopped sending`, {
    hint: 'Try again later, or raise download.stall_timeout for a very slow server.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Has the code that the system gives a connection that it could not open in time. */
export function connectTimeout(url: URL | string, cause?: unknown): Error {
  const error = new Error(`connection timeout: ${maskUrl(url)} could not be reached in time`, { cause });
  return Object.assign(error, { code: 'ETIMEDOUT' });
}
