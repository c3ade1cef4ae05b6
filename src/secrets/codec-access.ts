import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Secret } from './secret.ts';

/** Bytes of the login form. */
export const LOGIN_LARGEST = 4096;

const COOKIE = 'rekindle_codec';
/** A working day, in seconds. */
const COOKIE_AGE_S = 12 * 3600;
const PREFLIGHT_AGE_S = 600;

/**
 * Who may use a codec server: programs send the token as `Authorization: Bearer …`. A page of the Web UI has no such
 * token to send, so a person gives it to the codec server itself once, and gets a cookie that the browser sends along.
 */
export class CodecAccess {
  readonly #token: Secret;
  readonly #origins: () => readonly string[];
  /** Compared are digests under a key that nobody knows, in constant time. */
  readonly #comparing = randomBytes(32);

  /** @param origins of the pages that may ask. */
  constructor(token: Secret, origins: () => readonly string[]) {
    this.#token = token;
    this.#origins = origins;
  }

  /** Lets the page of a known origin read the answer; others get no word of it. */
  allowOrigin({ headers: { origin } }: IncomingMessage, response: ServerResponse): void {
    response.setHeader('Vary', 'Origin');
    if (origin === undefined || !this.#origins().includes(origin)) return;
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Allow-Credentials', 'true');
  }

  /** The question a browser asks before it sends what a page wants to send. */
  preflight(response: ServerResponse): 0 {
    if (!response.hasHeader('Access-Control-Allow-Origin')) {
      response.writeHead(403).end();
      return 0;
    }
    response
      .writeHead(204, {
        'Access-Control-Allow-Methods': 'POST',
        'Access-Control-Allow-Headers': 'authorization, content-type, x-namespace',
        'Access-Control-Max-Age': PREFLIGHT_AGE_S,
      })
      .end();
    return 0;
  }

  /** Whether a request may be answered. A cookie counts only from a page of a known origin. */
  isAllowed({ headers }: IncomingMessage): boolean {
    const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    if (bearer !== undefined) return this.#same(bearer, this.#token.reveal());
    if (headers.origin === undefined || !this.#origins().includes(headers.origin)) return false;
    const [, until = '', mac = ''] =
      new RegExp(`(?:^|; *)${COOKIE}=(\\d{1,15})\\.([\\w-]+)`).exec(headers.cookie ?? '') ?? [];
    return this.#same(mac, this.#macOf(until)) && Number(until) > Date.now();
  }

  /** The page where a person gives the token. */
  showLogin(response: ServerResponse, problem = ''): 0 {
    page(
      response,
      problem ? 401 : 200,
      `${problem}<form method="post" action="/login"><label>Token <input type="password" name="token" autocomplete="off" autofocus required></label> <button>OK</button></form>`,
    );
    return 0;
  }

  /** Takes the form of {@link showLogin}. */
  logIn(form: string, response: ServerResponse): void {
    const token = new URLSearchParams(form).get('token') ?? '';
    if (!this.#same(token, this.#token.reveal())) {
      this.showLogin(response, '<p>The token is wrong.</p>');
      return;
    }
    const until = String(Date.now() + COOKIE_AGE_S * 1000);
    response.setHeader(
      'Set-Cookie',
      `${COOKIE}=${until}.${this.#macOf(until)}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${COOKIE_AGE_S}`,
    );
    page(
      response,
      200,
      '<p>This browser may decrypt for twelve hours. In the Web UI, switch on “Include cross-origin credentials” in the data encoder settings.</p>',
    );
  }

  #macOf(until: string): string {
    return createHmac('sha256', this.#token.reveal())
      .update(`rekindle codec cookie ${until}`)
      .digest('base64url');
  }

  #same(a: string, b: string): boolean {
    const digest = (text: string): Buffer => createHmac('sha256', this.#comparing).update(text).digest();
    return timingSafeEqual(digest(a), digest(b));
  }
}

function page(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
      'Referrer-Policy': 'no-referrer',
    })
    .end(`<!doctype html><title>rekindle codec server</title><h1>rekindle codec server</h1>${body}`);
}
