/** What went wrong with a page of a browser. */
import { isRekindleError, RekindleError } from '../domain/error-codes.ts';
import { HttpStatusError } from '../download/http-status-error.ts';
import { networkError } from '../download/network-error.ts';
import { maskUrl } from '../secrets/mask-url.ts';

export function changed(url: string, what: string): RekindleError {
  return new RekindleError('SITE_CHANGED', `${maskUrl(url)} has no ${what} that could be used`, {
    hint: 'Look at the page in a browser and correct the site’s description.',
  });
}

/** Chromium's own names of what went wrong with a connection → the system's. */
const NETWORK: Readonly<Record<string, string>> = {
  ERR_CONNECTION_REFUSED: 'ECONNREFUSED',
  ERR_CONNECTION_RESET: 'ECONNRESET',
  ERR_CONNECTION_CLOSED: 'ECONNRESET',
  ERR_EMPTY_RESPONSE: 'ECONNRESET',
  ERR_CONNECTION_TIMED_OUT: 'ETIMEDOUT',
  ERR_TIMED_OUT: 'ETIMEDOUT',
  ERR_NAME_NOT_RESOLVED: 'ENOTFOUND',
  ERR_ADDRESS_UNREACHABLE: 'EHOSTUNREACH',
  ERR_INTERNET_DISCONNECTED: 'ENETUNREACH',
  ERR_NETWORK_CHANGED: 'ECONNRESET',
};

/**
 * Errors of the library have logs of what was done in them; only what is known to be harmless is told.
 * @param unreached why the connection could not be made, where somebody knows better than the browser.
 */
export function plainError(error: unknown, url: string, unreached: Error | undefined): unknown {
  if (isRekindleError(error) || error instanceof HttpStatusError) return error;
  const { message = '', name = 'Error' } = error as Error;
  const code = /net::(ERR_\w+)/.exec(message)?.[1];
  if (code) {
    if (unreached) return networkError(unreached, url);
    const known = NETWORK[code];
    const text = `${maskUrl(url)} cannot be reached: ${known ?? code}`;
    return Object.assign(new Error(text), known ? { code: known } : {});
  }
  if (name === 'TimeoutError') return new RekindleError('STALLED', `${maskUrl(url)} did not answer in time`);
  return new RekindleError('STALLED', `the browser lost the page of ${maskUrl(url)}`);
}

/** While a page changes, looking at it may fail; that is no failure. */
export function rethrowOurs(error: unknown): false {
  if (isRekindleError(error) || error instanceof HttpStatusError) throw error;
  return false;
}
