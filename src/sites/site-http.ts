import type { CookieJar } from 'tough-cookie';
import { Agent, type FormData, fetch, type Response } from 'undici';
import { RekindleError } from '../domain/error-codes.ts';
import { networkError } from '../download/network-error.ts';
import type { NetworkGuard } from '../download/network-guard.ts';
import { decodePage } from '../download/page-text.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { SeenPage } from './seen-page.ts';

/** One request of a login. */
export interface SiteRequest {
  readonly url: string;
  /** @default GET */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
  /** The page that it comes from. */
  readonly referer?: string;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 10;
/** Pages are read into memory. In bytes. */
const LARGEST = 4 * 1024 * 1024;
const USER_AGENT = 'Mozilla/5.0 (compatible; rekindle/0.1)';

export interface SiteHttpOptions {
  /** For one answer. */
  readonly timeoutMs: number;
  /** Sent with every request to the site. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where connections may go. @default anywhere */
  readonly guard?: NetworkGuard | undefined;
}

/** Requests of a login: cookies, redirects, compression, character sets. */
export class SiteHttp {
  readonly #agent: Agent;
  readonly #timeoutMs: number;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #guard: NetworkGuard | undefined;

  constructor({ timeoutMs, headers, guard }: SiteHttpOptions) {
    this.#timeoutMs = timeoutMs;
    this.#headers = headers;
    this.#guard = guard;
    this.#agent = new Agent({
      connect: { timeout: timeoutMs, ...(guard ? { lookup: guard.lookup } : {}) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  }

  /**
   * Sends a request and follows redirects. Any status is an answer, not an error.
   * @param mayCarry whether an address may get the body; what it holds must not follow a redirect to anywhere else
   * @throws {RekindleError} SITE_CHANGED, REDIRECT_LOOP, CONNECTION_LOST, STALLED, HTTP_PROTOCOL, ADDRESS_FORBIDDEN; the
   *   system's error when no connection could be made; the signal's reason
   */
  async send(
    request: SiteRequest,
    jar: CookieJar,
    signal: AbortSignal,
    mayCarry: (url: URL) => boolean = () => true,
  ): Promise<SeenPage> {
    let { url, method = 'GET', body, headers = {}, referer } = request;
    const first = new URL(url).origin;
    for (let redirects = 0; ; redirects += 1) {
      if (body !== undefined && !mayCarry(new URL(url))) throw leadsAway(url);
      // Headers of the description are the site's own; tokens among them are for nobody else.
      const own = new URL(url).origin === first ? { ...this.#headers, ...headers } : {};
      const answer = await this.#once(
        {
          url,
          method,
          headers: own,
          ...(body === undefined ? {} : { body }),
          ...(referer === undefined ? {} : { referer }),
        },
        jar,
        signal,
      );
      const location = REDIRECTS.has(answer.status) ? answer.headers.get('location') : null;
      if (location === null) return await this.#seen(answer, url, jar, signal);
      await answer.body?.cancel();
      if (redirects >= MAX_REDIRECTS) throw tooMany(request.url);
      referer = url;
      url = target(url, location);
      if (answer.status === 303 || (method === 'POST' && answer.status < 303)) {
        method = 'GET';
        body = undefined;
        headers = withoutBody(headers);
      }
    }
  }

  async #once(request: SiteRequest, jar: CookieJar, signal: AbortSignal): Promise<Response> {
    const { url, method = 'GET', headers, body, referer } = request;
    this.#guard?.check(new URL(url));
    const cookie = await jar.getCookieString(url);
    const all: Record<string, string> = {
      'user-agent': USER_AGENT,
      accept: 'text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8',
      ...(referer === undefined ? {} : { referer: referer.replace(/#.*$/s, '') }),
      ...(method === 'GET' ? {} : { origin: new URL(referer ?? url).origin }),
      ...lowerCase(headers ?? {}),
      ...(cookie === '' ? {} : { cookie }),
    };
    const answer = await this.#guarded(url, signal, (limited) =>
      fetch(url, {
        method,
        headers: all,
        redirect: 'manual',
        dispatcher: this.#agent,
        signal: limited,
        body: body ?? null,
      }),
    );
    // A cookie that breaks the rules is not kept; a browser would not keep it either.
    for (const line of answer.headers.getSetCookie()) await jar.setCookie(line, url, { ignoreError: true });
    return answer;
  }

  async #seen(answer: Response, url: string, jar: CookieJar, signal: AbortSignal): Promise<SeenPage> {
    const bytes = await this.#guarded(url, signal, () => readAll(answer, url));
    const headers = Object.fromEntries(answer.headers);
    const cookies = await jar.getCookies(url);
    return new SeenPage({
      status: answer.status,
      url,
      headers,
      body: decodePage(bytes, headers['content-type'] ?? ''),
      cookies: Object.fromEntries(cookies.map(({ key, value }) => [key, value])),
    });
  }

  async #guarded<T>(url: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      return await work(AbortSignal.any([signal, timeout]));
    } catch (error) {
      signal.throwIfAborted();
      if (timeout.aborted) throw new RekindleError('STALLED', `${maskUrl(url)} did not answer in time`);
      throw networkError(causeOf(error), url);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: unknown): unknown {
  return error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
}

async function readAll(answer: Response, url: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    parts.push(part as Uint8Array);
    size += (part as Uint8Array).length;
    if (size > LARGEST) {
      throw new RekindleError('SITE_CHANGED', `${maskUrl(url)} is larger than a page of a login can be`);
    }
  }
  return Buffer.concat(parts);
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function withoutBody(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^content-/i.test(name)));
}

function target(from: string, location: string): string {
  const url = URL.parse(location, from);
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href;
  throw new RekindleError('HTTP_PROTOCOL', `${maskUrl(from)} redirects to an invalid address`);
}

function leadsAway(url: string): RekindleError {
  return new RekindleError(
    'SITE_CHANGED',
    `the login would be sent to ${new URL(url).origin}, which is no origin of the site`,
    { hint: 'When that is right, add it to `origins` in the site’s description.' },
  );
}

function tooMany(url: string): RekindleError {
  return new RekindleError('REDIRECT_LOOP', `${maskUrl(url)} redirects in a circle or too often`);
}
