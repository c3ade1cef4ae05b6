import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContext, Locator, Page, Request, Response } from 'playwright-core';
import { Cookie as JarCookie } from 'tough-cookie';
import { isRekindleError, RekindleError } from '../domain/error-codes.ts';
import type { JsonObject } from '../domain/json.ts';
import { HttpStatusError } from '../download/http-status-error.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { keepPage, type OpenPage, takePage, useBrowser } from './browser.ts';
import type { SiteDescription } from './description.ts';
import {
  type Advance,
  type Credentials,
  type LoginState,
  NEW_LOGIN,
  type SiteDriver,
  type SiteSession,
} from './driver.ts';
import { asksForCode, judgeAnswer, judgeCode, judgeVerified } from './judge.ts';
import { SeenPage } from './seen-page.ts';
import { sessionFrom } from './session-from.ts';
import { firstShown } from './signs.ts';
import { withTokens } from './values.ts';
import { refuseCaptcha, refuseFailures, statusError } from './verdict.ts';

/** What an element is; runs in the page. */
const KIND =
  "(e) => e.tagName === 'SELECT' ? 'select' : ['checkbox', 'radio'].includes(e.type) ? 'check' : 'text'";
const STORAGE = '({ ...localStorage, ...sessionStorage })';
const LOOK_EVERY_MS = 100;
/** A page that has said nothing new for so long has said what it has to say. */
const QUIET_MS = 700;

/** Logs in with a browser, for sites that need JavaScript. */
export class BrowserDriver implements SiteDriver {
  readonly #site: SiteDescription;
  readonly #executable: string | null;
  readonly #timeoutMs: number;

  constructor(site: SiteDescription, executable: string | null) {
    this.#site = site;
    this.#executable = executable;
    this.#timeoutMs = site.timeout * 1000;
  }

  async open(signal: AbortSignal): Promise<LoginState> {
    return this.#on(NEW_LOGIN, signal, async (open) => {
      await this.#openLogin(open);
      return { ...(await stateOf(NEW_LOGIN, open)), openPage: keep(open) };
    });
  }

  async submit(state: LoginState, credentials: Credentials, signal: AbortSignal): Promise<Advance> {
    const { submit } = this.#site;
    const { user, password, code } = credentials;
    if (submit.code && code === undefined) {
      throw new RekindleError(
        'SECRET_UNREADABLE',
        `the site ${this.#site.name} wants a one-time code with the password`,
      );
    }
    return this.#on(state, signal, async (open, live) => {
      if (!live) await this.#openLogin(open);
      const { page } = open;
      await this.#fill(page, submit.user, user);
      await this.#fill(page, submit.password, password);
      if (submit.code && code) await this.#fill(page, submit.code, code);
      for (const [name, value] of Object.entries(submit.fields)) await this.#fill(page, name, value);
      const answer = await Answers.of(page);
      await this.#send(page, submit.password, submit.button);
      const seen = await this.#settled(open, answer, async (now) => {
        refuseFailures(now, this.#site);
        return asksForCode(now, this.#site) || !(await field(page, submit.password).isVisible());
      });
      const next = judgeAnswer(seen, this.#site);
      const after = await stateOf(state, open);
      if (next === 'challenge') return { next, state: { ...after, openPage: keep(open) } };
      return { next, state: withTokens(after, seen, this.#site, 'submit') };
    });
  }

  async answer(state: LoginState, code: string, signal: AbortSignal): Promise<Advance> {
    const { challenge } = this.#site;
    if (!challenge) throw new RekindleError('SITE_CHANGED', `the site ${this.#site.name} has no challenge`);
    return this.#on(state, signal, async (open, live) => {
      const { page } = open;
      if (!live) {
        const seen = await this.#goTo(open, challenge.url ?? state.url, async (now) =>
          asksForCode(now, this.#site),
        );
        if (!asksForCode(seen, this.#site)) throw changed(seen.url, challenge.field);
      }
      await this.#fill(page, challenge.field, code);
      for (const [name, value] of Object.entries(challenge.fields)) await this.#fill(page, name, value);
      const answer = await Answers.of(page);
      await this.#send(page, challenge.field, challenge.button);
      const seen = await this.#settled(open, answer, async (now) => {
        judgeRefusal(now, this.#site);
        return !(await field(page, challenge.field).isVisible());
      });
      judgeCode(seen, this.#site);
      return { next: 'verify', state: withTokens(await stateOf(state, open), seen, this.#site, 'submit') };
    });
  }

  async verify(state: LoginState, signal: AbortSignal): Promise<SiteSession> {
    const obtainedAtMs = Date.now();
    return this.#on({ ...state, openPage: null }, signal, async (open) => {
      const { verify } = this.#site;
      const seen = await this.#goTo(open, verify.url, async (now) => firstShown(now, verify.success) >= 0);
      judgeVerified(seen, this.#site);
      const verified = withTokens(await stateOf(state, open), seen, this.#site, 'verify');
      return sessionFrom(verified, this.#site, obtainedAtMs);
    });
  }

  async close(): Promise<void> {
    // Pages are closed by those who opened them, the browser when nobody needs it any more.
  }

  /** Works on a page: the one that is still open, else a new one with what the state knows. */
  async #on<T>(
    state: LoginState,
    signal: AbortSignal,
    work: (open: OpenPage, live: boolean) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const live = takePage(state.openPage);
    const open = live ?? (await this.#newPage(state));
    const abort = () => void open.context.close().catch(() => undefined);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await work(open, live !== undefined);
    } catch (error) {
      signal.throwIfAborted();
      // Another code may be tried on it.
      if (isRekindleError(error, 'CODE_REFUSED') && state.openPage !== null) keep(open, state.openPage);
      throw plainError(error, this.#site.page ?? '');
    } finally {
      signal.removeEventListener('abort', abort);
      if (!isKept(open)) {
        await open.context.close().catch(() => undefined);
        open.giveBack();
      }
    }
  }

  async #newPage(state: LoginState): Promise<OpenPage> {
    const { browser, giveBack } = await useBrowser(this.#executable);
    try {
      const context = await browser.newContext({
        storageState: {
          cookies: state.cookies.flatMap(browserCookie),
          origins: Object.entries(state.storage).map(([origin, items]) => ({
            origin,
            localStorage: Object.entries(items).map(([name, value]) => ({ name, value })),
          })),
        },
        ...(Object.keys(this.#site.headers).length > 0 ? { extraHTTPHeaders: this.#site.headers } : {}),
      });
      context.setDefaultTimeout(this.#timeoutMs);
      const { trusted, origins } = this.#site;
      // What a form holds must not be sent to anybody else, whatever a page says.
      await context.route('**/*', (route) => {
        const request = route.request();
        const { origin } = new URL(request.url());
        const carries = request.postData() !== null && request.isNavigationRequest();
        return carries && ![...trusted, ...origins].includes(origin) ? route.abort() : route.continue();
      });
      return { context, page: await context.newPage(), giveBack };
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  async #openLogin(open: OpenPage): Promise<void> {
    const { submit, page: url = '' } = this.#site;
    const there = async () => field(open.page, submit.password).isVisible();
    const seen = await this.#goTo(open, url, async (now) => {
      refuseFailures(now, this.#site);
      return there();
    });
    refuseFailures(seen, this.#site);
    refuseCaptcha(seen);
    if (await there()) return;
    if (seen.status >= 400) throw statusError(seen);
    throw changed(seen.url, submit.password);
  }

  async #goTo(open: OpenPage, url: string, done: (seen: SeenPage) => Promise<boolean>): Promise<SeenPage> {
    const answer = await Answers.of(open.page);
    await open.page.goto(url, { waitUntil: 'commit', timeout: this.#timeoutMs });
    return await this.#settled(open, answer, done);
  }

  /** Looks at the page until it is as wanted, or has nothing more to say, or its time is over. */
  async #settled(
    { page, context }: OpenPage,
    answer: Answers,
    done: (seen: SeenPage) => Promise<boolean>,
  ): Promise<SeenPage> {
    const deadline = Date.now() + this.#timeoutMs;
    let text = '';
    let quietSinceMs = Date.now();
    for (;;) {
      await delay(LOOK_EVERY_MS);
      const stale = await answer.stale();
      const seen = stale ? undefined : await look(page, context, answer.latest).catch(() => undefined);
      if (seen) {
        if (await done(seen).catch(rethrowOurs)) return seen;
        const now = seen.text();
        if (now !== text) quietSinceMs = Date.now();
        text = now;
        const quietMs = Date.now() - Math.max(quietSinceMs, answer.changedAtMs);
        const loaded = await page.evaluate<boolean>("document.readyState === 'complete'").catch(() => false);
        if (loaded && quietMs > QUIET_MS && answer.latest) return seen;
      }
      if (Date.now() > deadline) {
        if (seen) return seen;
        throw new RekindleError('STALLED', `${maskUrl(page.url())} did not answer in time`);
      }
    }
  }

  async #fill(page: Page, name: string, value: string): Promise<void> {
    const found = field(page, name);
    try {
      await found.first().waitFor({ state: 'attached' });
      const kind = await found.first().evaluate(KIND);
      if (kind === 'select') await found.first().selectOption(value);
      else if (kind === 'check') await found.first().setChecked(value !== '' && value !== 'false');
      else await found.first().fill(value);
    } catch {
      // The error of the library repeats what was to be filled in.
      throw changed(page.url(), name);
    }
  }

  async #send(page: Page, name: string, button: string | undefined): Promise<void> {
    try {
      if (button) await page.locator(button).first().click({ noWaitAfter: true });
      else await field(page, name).first().press('Enter', { noWaitAfter: true });
    } catch {
      throw changed(page.url(), button ?? name);
    }
  }
}

/** Set in a document, it is gone with it. */
const MARK = 'rekindleSeen';

/** What a page has been answered since something was sent. */
class Answers {
  readonly #page: Page;
  /** The answer to its latest navigation. */
  latest: Response | null = null;
  changedAtMs = Date.now();
  #navigating = false;
  #failed: string | undefined;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Watches a page from now on, before anything is sent. */
  static async of(page: Page): Promise<Answers> {
    const answers = new Answers(page);
    await page.evaluate(`window.${MARK} = true`);
    const ofPage = (request: Request) =>
      request.isNavigationRequest() && request.frame() === page.mainFrame();
    page.on('request', (request) => {
      answers.changedAtMs = Date.now();
      if (!ofPage(request)) return;
      answers.#navigating = true;
      answers.#failed = undefined;
    });
    page.on('response', (response) => {
      answers.changedAtMs = Date.now();
      const redirected = response.status() >= 300 && response.status() < 400;
      if (!redirected && ofPage(response.request())) answers.latest = response;
    });
    page.on('requestfailed', (request) => {
      if (ofPage(request)) answers.#failed = request.failure()?.errorText ?? 'net::ERR_FAILED';
    });
    return answers;
  }

  /** Whether the page still shows what was there before its navigation. @throws when that failed. */
  async stale(): Promise<boolean> {
    if (this.#failed !== undefined) throw new Error(this.#failed);
    if (!this.#navigating) return false;
    if (this.latest === null) return true;
    return await this.#page.evaluate<boolean>(`window.${MARK} === true`).catch(() => true);
  }
}

const keptPages = new WeakSet<OpenPage>();

function keep(open: OpenPage, id: string = randomUUID()): string {
  // Listeners of this step are of no use to the next.
  open.page.removeAllListeners();
  keptPages.add(open);
  keepPage(id, open);
  return id;
}

/** Whether a later step will close it. */
function isKept(open: OpenPage): boolean {
  return keptPages.delete(open);
}

/** A field by its name or a CSS selector. */
function field(page: Page, name: string): Locator {
  const byName = `[name=${JSON.stringify(name)}]`;
  return page.locator(/^[\w.-]+$/.test(name) ? byName : name).first();
}

function judgeRefusal(page: SeenPage, site: SiteDescription): void {
  if (firstShown(page, site.challenge?.refused ?? []) >= 0) judgeCode(page, site);
  refuseFailures(page, site);
}

async function look(page: Page, context: BrowserContext, answer: Response | null): Promise<SeenPage> {
  const url = page.url();
  const [body, cookies, storage] = await Promise.all([page.content(), context.cookies(url), storageOf(page)]);
  const headers = answer ? await answer.allHeaders() : {};
  // What scripts have made of it is HTML; what came as JSON is shown in a frame of the browser's own.
  const json = /json/i.test(headers['content-type'] ?? '');
  return new SeenPage({
    status: answer?.status() ?? 200,
    url,
    headers,
    body: json && answer ? await answer.text() : body,
    cookies: Object.fromEntries(cookies.map(({ name, value }) => [name, value])),
    storage,
  });
}

async function storageOf(page: Page): Promise<Record<string, string>> {
  return await page.evaluate<Record<string, string>>(STORAGE).catch(() => ({}));
}

async function stateOf(before: LoginState, { page, context }: OpenPage): Promise<LoginState> {
  const { cookies, origins } = await context.storageState();
  return {
    ...before,
    url: page.url(),
    openPage: null,
    cookies: cookies.map(jarCookie),
    storage: Object.fromEntries(
      origins.map(({ origin, localStorage }) => [
        origin,
        Object.fromEntries(localStorage.map(({ name, value }) => [name, value])),
      ]),
    ),
  };
}

type BrowserCookie = Awaited<ReturnType<BrowserContext['cookies']>>[number];

function jarCookie(cookie: BrowserCookie): JsonObject {
  const { name, value, domain, path, expires, httpOnly, secure, sameSite } = cookie;
  return new JarCookie({
    key: name,
    value,
    domain: domain.replace(/^\./, ''),
    hostOnly: !domain.startsWith('.'),
    path,
    httpOnly,
    secure,
    sameSite: sameSite.toLowerCase(),
    ...(expires > 0 ? { expires: new Date(expires * 1000) } : {}),
  }).toJSON() as unknown as JsonObject;
}

function browserCookie(json: JsonObject): BrowserCookie[] {
  const cookie = JarCookie.fromJSON(json);
  if (!cookie?.domain) return [];
  const { key, value, domain, hostOnly, path, httpOnly, secure, sameSite, expires } = cookie;
  const same = { strict: 'Strict', lax: 'Lax', none: 'None' } as const;
  return [
    {
      name: key,
      value,
      domain: hostOnly ? domain : `.${domain}`,
      path: path ?? '/',
      httpOnly,
      secure,
      sameSite: same[(sameSite ?? 'lax') as keyof typeof same] ?? 'Lax',
      expires: expires instanceof Date ? expires.getTime() / 1000 : -1,
    },
  ];
}

function changed(url: string, what: string): RekindleError {
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

/** Errors of the library have logs of what was done in them; only what is known to be harmless is told. */
function plainError(error: unknown, url: string): unknown {
  if (isRekindleError(error) || error instanceof HttpStatusError) return error;
  const { message = '', name = 'Error' } = error as Error;
  const code = /net::(ERR_\w+)/.exec(message)?.[1];
  if (code) {
    const known = NETWORK[code];
    const text = `${maskUrl(url)} cannot be reached: ${known ?? code}`;
    return Object.assign(new Error(text), known ? { code: known } : {});
  }
  if (name === 'TimeoutError') return new RekindleError('STALLED', `${maskUrl(url)} did not answer in time`);
  return new RekindleError('STALLED', `the browser lost the page of ${maskUrl(url)}`);
}

/** While a page changes, looking at it may fail; that is no failure. */
function rethrowOurs(error: unknown): false {
  if (isRekindleError(error) || error instanceof HttpStatusError) throw error;
  return false;
}
