import { STATUS_CODES } from 'node:http';
import { maskUrl } from '../secrets/mask-url.ts';

/** The headers that help to decide what to do next; the others may be secret or long. */
const USEFUL_HEADERS = [
  'retry-after',
  'date',
  'content-type',
  'content-range',
  'www-authenticate',
  'server',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'ratelimit-reset',
];

/** The server refused with a status of 400 or more. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly status: number;
  /** Lower-case names; only useful ones. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without credentials and query. */
  readonly url: string;

  constructor(status: number, headers: Readonly<Record<string, string>>, url: URL | string) {
    const masked = maskUrl(url);
    const reason = STATUS_CODES[status];
    super(`the server answered ${status}${reason === undefined ? '' : ` ${reason}`} for ${masked}`);
    this.status = status;
    this.url = masked;
    this.headers = Object.fromEntries(
      USEFUL_HEADERS.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name] ?? '']),
    );
  }
}
