/** A page of a login, with what it lives in. */
import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import type { NetworkGuard } from '../download/network-guard.ts';
import { useBrowser } from './browser.ts';
import { browserCookie, jarCookie } from './browser-cookies.ts';
import type { SiteDescription } from './description.ts';
import type { LoginState } from './driver.ts';
import { Gate } from './gate.ts';

/** What pages are opened with. */
export interface PageOptions {
  /** The Chromium; null: there is none. */
  readonly executable: string | null;
  /** Where its pages may connect to. @default anywhere */
  readonly guard?: NetworkGuard | undefined;
}

/** A person may take this long over a code; after it the page is opened anew. */
const KEPT_MS = 15 * 60_000;
const kept = new Map<string, { readonly open: OpenPage; readonly timer: NodeJS.Timeout }>();

/** A page in a browser context of its own. Close it when done, unless it is kept for a later step. */
export class OpenPage {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #letGo: () => Promise<void>;
  #isKept = false;
  #unreached: Error | undefined;

  private constructor(
    context: BrowserContext,
    page: Page,
    gate: Gate | undefined,
    letGo: () => Promise<void>,
  ) {
    this.page = page;
    this.#context = context;
    this.#letGo = letGo;
    if (!gate) return;
    context.on('requestfailed', (request) => {
      if (isOfPage(request, page)) this.#unreached = gate.failureOf(new URL(request.url()));
    });
  }

  /**
   * Opens an empty page that has what the state knows: cookies, and what pages kept.
   * @throws {RekindleError} BROWSER_MISSING
   */
  static async open(
    state: LoginState,
    site: SiteDescription,
    { executable, guard }: PageOptions,
  ): Promise<OpenPage> {
    const { browser, giveBack } = await useBrowser(executable);
    let gate: Gate | undefined;
    const letGo = async (): Promise<void> => {
      await gate?.close();
      giveBack();
    };
    try {
      gate = guard ? await Gate.open(guard) : undefined;
      const context = await newContext(browser, state, site, gate);
      return new OpenPage(context, await context.newPage(), gate, letGo);
    } catch (error) {
      await letGo();
      throw error;
    }
  }

  /** Takes a page that was kept; undefined: it is not in this process, or not any more. */
  static async taken(id: string | null): Promise<OpenPage | undefined> {
    const found = id === null ? undefined : kept.get(id);
    if (!found || id === null) return undefined;
    const { open, timer } = found;
    kept.delete(id);
    clearTimeout(timer);
    open.#isKept = false;
    open.#unreached = undefined;
    if (!open.page.isClosed() && open.#context.browser()?.isConnected()) return open;
    await open.close();
    return undefined;
  }

  /** Keeps it open for a later step in this process. @returns the name that {@link taken} knows it by. */
  keep(id: string = randomUUID()): string {
    // Listeners of this step are of no use to the next.
    this.page.removeAllListeners();
    this.#isKept = true;
    const timer = setTimeout(() => void OpenPage.taken(id).then((open) => open?.close()), KEPT_MS);
    timer.unref();
    kept.set(id, { open: this, timer });
    return id;
  }

  /** Whether a later step will close it. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Why the gate let the page's last navigation go nowhere; undefined: it did not, or there is none. */
  get unreached(): Error | undefined {
    return this.#unreached;
  }

  /** The state, with what the page has by now. */
  async state(before: LoginState): Promise<LoginState> {
    const { cookies, origins } = await this.#context.storageState();
    return {
      ...before,
      url: this.page.url(),
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

  async close(): Promise<void> {
    // It may be gone with its browser.
    await this.#context.close().catch(() => undefined);
    await this.#letGo();
  }
}

/** Whether a request is for the page itself, not for what is in it. */
export function isOfPage(request: Request, page: Page): boolean {
  return request.isNavigationRequest() && request.frame() === page.mainFrame();
}

async function newContext(
  browser: Browser,
  { cookies, storage }: LoginState,
  { headers, timeout, trusted, origins }: SiteDescription,
  gate: Gate | undefined,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    storageState: {
      cookies: cookies.flatMap(browserCookie),
      origins: Object.entries(storage).map(([origin, items]) => ({
        origin,
        localStorage: Object.entries(items).map(([name, value]) => ({ name, value })),
      })),
    },
    ...(Object.keys(headers).length > 0 ? { extraHTTPHeaders: headers } : {}),
    ...(gate ? { proxy: gate.proxy } : {}),
  });
  context.setDefaultTimeout(timeout * 1000);
  // What a form holds must not be sent to anybody else, whatever a page says.
  await context.route('**/*', (route) => {
    const request = route.request();
    const { origin } = new URL(request.url());
    const carries = request.postData() !== null && request.isNavigationRequest();
    return carries && ![...trusted, ...origins].includes(origin) ? route.abort() : route.continue();
  });
  return context;
}
