import { Cookie, CookieJar } from 'tough-cookie';
import type { ExpiredSign, SessionData } from '../domain/session.ts';
import { refuseExpired, refuseExpiredAddress } from './expired-signs.ts';
import type { Answer } from './http-client.ts';
import { LoginWanted } from './login-wanted.ts';

/**
 * What a session adds to requests: only to those that go to its own origins, whatever redirects lead there or away.
 * Cookies that the site sets meanwhile are kept in memory.
 */
export class RequestSession {
  readonly #data: SessionData;
  readonly #jar = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
  readonly #origins: ReadonlySet<string>;
  readonly #loginPages: ReadonlySet<string>;
  readonly #expired: readonly ExpiredSign[];

  constructor(data: SessionData) {
    this.#data = data;
    this.#origins = new Set(data.origins.map((origin) => new URL(origin).origin));
    this.#loginPages = new Set(data.loginPages.map((page) => pageOf(new URL(page))));
    this.#expired = data.expired ?? [];
    for (const one of data.cookies) this.#put(one);
  }

  /** Whether the session may be shown there. */
  covers(url: URL): boolean {
    return this.#origins.has(url.origin);
  }

  /** Headers for a request; none for a foreign origin. */
  headersFor(url: URL): Record<string, string> {
    if (!this.covers(url)) return {};
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.#data.headers)) headers[name.toLowerCase()] = value;
    const cookie = this.#jar.getCookieStringSync(url.href);
    if (cookie !== '') headers.cookie = headers.cookie ? `${headers.cookie}; ${cookie}` : cookie;
    return headers;
  }

  /** The address to ask for: with the parameters that the session adds, where it may be shown. */
  addressOf(url: URL): URL {
    const parameters = Object.entries(this.#data.query);
    if (parameters.length === 0 || !this.covers(url)) return url;
    const address = new URL(url);
    for (const [name, value] of parameters) address.searchParams.set(name, value);
    return address;
  }

  /** An address that the site sent us to, without the session's own parameters: they are secret, and added where they belong. */
  withoutSecrets(url: URL): URL {
    const own = Object.entries(this.#data.query).filter(
      ([name, value]) => url.searchParams.get(name) === value,
    );
    if (own.length === 0) return url;
    const address = new URL(url);
    for (const [name] of own) address.searchParams.delete(name);
    return address;
  }

  /** @throws {LoginWanted} when a redirect leads to the site's login page. */
  refuseLoginPage(target: URL): void {
    if (this.#loginPages.has(pageOf(target))) throw new LoginWanted('the site wants a login');
    refuseExpiredAddress(target, this.#expired);
  }

  /** Looks at what the site answered to a request with the session. @throws {LoginWanted} when it is a login page. */
  async refuseLoginAnswer(answer: Answer): Promise<Answer> {
    return this.#expired.length === 0 ? answer : await refuseExpired(answer, this.#expired);
  }

  /** Keeps what the site set. */
  received(url: URL, setCookie: string | readonly string[] | undefined): void {
    if (setCookie === undefined || !this.covers(url)) return;
    for (const text of [setCookie].flat()) this.#jar.setCookieSync(text, url.href, { ignoreError: true });
  }

  #put(serialized: unknown): void {
    const cookie = Cookie.fromJSON(serialized as object);
    // As it is: whether it may be sent is decided by its own domain, path and time.
    if (cookie) this.#jar.store.putCookie(cookie, () => undefined);
  }
}

function pageOf({ origin, pathname }: URL): string {
  return origin + (pathname.replace(/\/+$/, '') || '/');
}
