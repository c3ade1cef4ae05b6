/** What a page of a browser shows, once it has come to rest. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Page, Response } from 'playwright-core';
import { RekindleError } from '../domain/error-codes.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { isOfPage } from './open-page.ts';
import { rethrowOurs } from './page-error.ts';
import { SeenPage } from './seen-page.ts';

const STORAGE = '({ ...localStorage, ...sessionStorage })';
const LOOK_EVERY_MS = 100;
/** A page that has said nothing new for so long has said what it has to say. */
const QUIET_MS = 700;
/** Set in a document, it is gone with it. */
const MARK = 'rekindleSeen';

/** What a page has been answered since something was sent. */
export class PageAnswers {
  readonly #page: Page;
  /** The answer to its latest navigation. */
  #latest: Response | null = null;
  #changedAtMs = Date.now();
  #navigating = false;
  #failed: string | undefined;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Watches a page from now on, before anything is sent. */
  static async of(page: Page): Promise<PageAnswers> {
    const answers = new PageAnswers(page);
    await page.evaluate(`window.${MARK} = true`);
    page.on('request', (request) => {
      answers.#changedAtMs = Date.now();
      if (!isOfPage(request, page)) return;
      answers.#navigating = true;
      answers.#failed = undefined;
    });
    page.on('response', (response) => {
      answers.#changedAtMs = Date.now();
      const redirected = response.status() >= 300 && response.status() < 400;
      if (!redirected && isOfPage(response.request(), page)) answers.#latest = response;
    });
    page.on('requestfailed', (request) => {
      if (isOfPage(request, page)) answers.#failed = request.failure()?.errorText ?? 'net::ERR_FAILED';
    });
    return answers;
  }

  /**
   * Looks at the page until it is as wanted, or has nothing more to say, or its time is over.
   * @throws {RekindleError} STALLED when it shows nothing by then; what `done` throws of ours; a browser's error when a
   *   navigation failed.
   */
  async settled(done: (seen: SeenPage) => Promise<boolean>, timeoutMs: number): Promise<SeenPage> {
    const page = this.#page;
    const deadline = Date.now() + timeoutMs;
    let text = '';
    let quietSinceMs = Date.now();
    for (;;) {
      await delay(LOOK_EVERY_MS);
      const seen = (await this.#isStale())
        ? undefined
        : await look(page, this.#latest).catch(() => undefined);
      if (seen) {
        if (await done(seen).catch(rethrowOurs)) return seen;
        const now = seen.text();
        if (now !== text) quietSinceMs = Date.now();
        text = now;
        const quietMs = Date.now() - Math.max(quietSinceMs, this.#changedAtMs);
        const loaded = await page.evaluate<boolean>("document.readyState === 'complete'").catch(() => false);
        if (loaded && quietMs > QUIET_MS && this.#latest) return seen;
      }
      if (Date.now() > deadline) {
        if (seen) return seen;
        throw new RekindleError('STALLED', `${maskUrl(page.url())} did not answer in time`);
      }
    }
  }

  /** Whether the page still shows what was there before its navigation. @throws when that failed. */
  async #isStale(): Promise<boolean> {
    if (this.#failed !== undefined) throw new Error(this.#failed);
    if (!this.#navigating) return false;
    if (this.#latest === null) return true;
    return await this.#page.evaluate<boolean>(`window.${MARK} === true`).catch(() => true);
  }
}

async function look(page: Page, answer: Response | null): Promise<SeenPage> {
  const url = page.url();
  const [body, cookies, storage] = await Promise.all([
    page.content(),
    page.context().cookies(url),
    storageOf(page),
  ]);
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
