import { isRekindleError, RekindleError } from '../domain/error-codes.ts';
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
import { OpenPage, type PageOptions } from './open-page.ts';
import { PageAnswers } from './page-answers.ts';
import { changed, plainError } from './page-error.ts';
import { fillIn, isShown, send } from './page-fields.ts';
import type { SeenPage } from './seen-page.ts';
import { sessionFrom } from './session-from.ts';
import { firstShown } from './signs.ts';
import { withTokens } from './values.ts';
import { codeMissing, refuseCaptcha, refuseFailures, statusError } from './verdict.ts';

/** Logs in with a browser, for sites that need JavaScript. */
export class BrowserDriver implements SiteDriver {
  readonly #site: SiteDescription;
  readonly #options: PageOptions;
  readonly #timeoutMs: number;

  constructor(site: SiteDescription, options: PageOptions) {
    this.#site = site;
    this.#options = options;
    this.#timeoutMs = site.timeout * 1000;
  }

  async open(signal: AbortSignal): Promise<LoginState> {
    return this.#on(NEW_LOGIN, signal, async (open) => {
      await this.#openLogin(open);
      return { ...(await open.state(NEW_LOGIN)), openPage: open.keep() };
    });
  }

  async submit(state: LoginState, credentials: Credentials, signal: AbortSignal): Promise<Advance> {
    const { submit } = this.#site;
    const { user, password, code } = credentials;
    if (submit.code && code === undefined) throw codeMissing(this.#site.name);
    return this.#on(state, signal, async (open, live) => {
      if (!live) await this.#openLogin(open);
      const { page } = open;
      await fillIn(page, {
        [submit.user]: user,
        [submit.password]: password,
        ...(submit.code && code ? { [submit.code]: code } : {}),
        ...submit.fields,
      });
      const answer = await PageAnswers.of(page);
      await send(page, submit.password, submit.button);
      const seen = await answer.settled(async (now) => {
        refuseFailures(now, this.#site);
        return asksForCode(now, this.#site) || !(await isShown(page, submit.password));
      }, this.#timeoutMs);
      const next = judgeAnswer(seen, this.#site);
      const after = await open.state(state);
      if (next === 'challenge') return { next, state: { ...after, openPage: open.keep() } };
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
      await fillIn(page, { [challenge.field]: code, ...challenge.fields });
      const answer = await PageAnswers.of(page);
      await send(page, challenge.field, challenge.button);
      const seen = await answer.settled(async (now) => {
        judgeRefusal(now, this.#site);
        return !(await isShown(page, challenge.field));
      }, this.#timeoutMs);
      judgeCode(seen, this.#site);
      return { next: 'verify', state: withTokens(await open.state(state), seen, this.#site, 'submit') };
    });
  }

  async verify(state: LoginState, signal: AbortSignal): Promise<SiteSession> {
    const obtainedAtMs = Date.now();
    return this.#on({ ...state, openPage: null }, signal, async (open) => {
      const { verify } = this.#site;
      const seen = await this.#goTo(open, verify.url, async (now) => firstShown(now, verify.success) >= 0);
      judgeVerified(seen, this.#site);
      const verified = withTokens(await open.state(state), seen, this.#site, 'verify');
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
    const live = await OpenPage.taken(state.openPage);
    const open = live ?? (await OpenPage.open(state, this.#site, this.#options));
    const abort = () => void open.close();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await work(open, live !== undefined);
    } catch (error) {
      signal.throwIfAborted();
      // Another code may be tried on it.
      if (isRekindleError(error, 'CODE_REFUSED') && state.openPage !== null) open.keep(state.openPage);
      throw plainError(error, this.#site.page ?? '', open.unreached);
    } finally {
      signal.removeEventListener('abort', abort);
      if (!open.isKept) await open.close();
    }
  }

  async #openLogin(open: OpenPage): Promise<void> {
    const { submit, page: url = '' } = this.#site;
    const there = () => isShown(open.page, submit.password);
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
    const answer = await PageAnswers.of(open.page);
    await open.page.goto(url, { waitUntil: 'commit', timeout: this.#timeoutMs });
    return await answer.settled(done, this.#timeoutMs);
  }
}

function judgeRefusal(page: SeenPage, site: SiteDescription): void {
  if (firstShown(page, site.challenge?.refused ?? []) >= 0) judgeCode(page, site);
  refuseFailures(page, site);
}
