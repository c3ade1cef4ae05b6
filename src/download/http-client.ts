import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { RekindleError } from '../domain/error-codes.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import type { HttpSettings } from './http-settings.ts';
import { networkError } from './network-error.ts';
import { parseHttpUrl } from './url.ts';

/** An answer whose body has not been read yet. */
export interface Answer {
  readonly status: number;
  /** Lower-case names; repeated headers joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** After redirects. */
  readonly url: URL;
  readonly body: Readable;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Headers that belong to one origin and must not follow a redirect to another (RFC 9110 §15.4). */
const CREDENTIALS = ['authorization', 'cookie', 'proxy-authorization'];
const USER_AGENT = 'rekindle/0.1';

/** GET requests with redirects, TLS and every HTTP oddity that undici knows. Close it when done. */
export class HttpClient {
  readonly #agent: Agent;
  readonly #http: HttpSettings;

  constructor(http: HttpSettings) {
    this.#http = http;
    this.#agent = new Agent({
      connect: {
        timeout: http.connectTimeoutMs,
        ...(http.guard ? { lookup: http.guard.lookup } : {}),
      },
      headersTimeout: http.stallTimeoutMs,
      bodyTimeout: http.stallTimeoutMs,
      // HTTP/2 would put all lanes on one connection, where a lost packet holds them all up.
      allowH2: false,
    });
  }

  /**
   * Sends a GET and follows redirects. Any other status is an answer, not an error.
   * @throws RekindleError REDIRECT_LOOP, INVALID_URL (redirect to another scheme), ADDRESS_FORBIDDEN, CONNECTION_LOST, STALLED,
   *   HTTP_PROTOCOL; LoginWanted when the session's site redirects to its login page or answers with it; the system's error when no connection could be made; the signal's reason
   * @param first the task's URL when `url` is where it led to: its origin alone gets the credentials
   */
  async get(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    first: URL = url,
  ): Promise<Answer> {
    const { session } = this.#http;
    const seen = new Set<string>();
    let shown = false;
    for (let current = url; ; ) {
      shown ||= session?.covers(current) ?? false;
      const answer = await this.#send(current, headersFor(current, first, headers, this.#http), signal);
      const location = REDIRECTS.has(answer.status) ? answer.headers.location : undefined;
      if (location === undefined) return shown ? await this.#noLoginPage(answer) : answer;
      release(answer);
      seen.add(current.href);
      current = this.#redirected(current, location);
      if (seen.has(current.href) || seen.size > this.#http.maxRedirects) throw redirectLoop(url, seen);
    }
  }

  async #noLoginPage(answer: Answer): Promise<Answer> {
    try {
      return (await this.#http.session?.refuseLoginAnswer(answer)) ?? answer;
    } catch (error) {
      release(answer);
      throw networkError(error, answer.url);
    }
  }

  #redirected(from: URL, location: string): URL {
    const target = redirectTarget(from, location);
    const { session } = this.#http;
    if (!session) return target;
    session.refuseLoginPage(target);
    return session.withoutSecrets(target);
  }

  async #send(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const { session, guard } = this.#http;
    guard?.check(url);
    try {
      const address = session?.addressOf(url) ?? url;
      const answer = await request(withoutCredentials(address).href, {
        dispatcher: this.#agent,
        headers,
        signal,
      });
      session?.received(url, answer.headers['set-cookie']);
      return { status: answer.statusCode, headers: flat(answer.headers), url, body: answer.body };
    } catch (error) {
      signal.throwIfAborted();
      throw networkError(error, url);
    }
  }

  /** Drops all connections. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Lets go of an answer whose body nobody wants. */
export function release(answer: Answer): void {
  answer.body.on('error', () => {});
  answer.body.destroy();
}

/** The headers of a request to `url` for a task that began at `first`; URL credentials become Basic (RFC 7617). */
export function headersFor(
  url: URL,
  first: URL,
  own: Readonly<Record<string, string>>,
  http: HttpSettings,
): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': USER_AGENT,
    accept: '*/*',
    // The bytes of the file itself: ranges of a compressed stream could not be put together.
    'accept-encoding': 'identity',
  };
  for (const [name, value] of Object.entries(http.headers ?? {})) headers[name.toLowerCase()] = value;
  if (url.origin !== first.origin) for (const name of CREDENTIALS) delete headers[name];
  const user = url.username === '' && url.origin === first.origin ? first : url;
  if (user.username !== '' && headers.authorization === undefined) {
    const pair = `${decodeURIComponent(user.username)}:${decodeURIComponent(user.password)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  return { ...headers, ...http.session?.headersFor(url), ...own };
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

function redirectTarget(from: URL, location: string): URL {
  const target = URL.parse(location, from.href);
  if (target === null) {
    throw new RekindleError('HTTP_PROTOCOL', `${maskUrl(from)} redirects to an invalid address`);
  }
  return parseHttpUrl(target.href);
}

function redirectLoop(url: URL, seen: ReadonlySet<string>): RekindleError {
  return new RekindleError(
    'REDIRECT_LOOP',
    `${maskUrl(url)} redirects in a circle or too often (${seen.size} ${seen.size === 1 ? 'redirect' : 'redirects'})`,
    {
      hint: 'Check the address in a browser; a login may be needed, or raise download.max_redirects.',
      facts: { redirects: seen.size },
    },
  );
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
