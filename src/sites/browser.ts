/** The Chromium of this process: started when it is needed first, closed when nobody has used it for a while. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { RekindleError } from '../domain/error-codes.ts';
import { whenSitesClose } from './closers.ts';

const IDLE_MS = 60_000;

let launched: { readonly executable: string; readonly browser: Promise<Browser> } | undefined;
let users = 0;
let idle: NodeJS.Timeout | undefined;

/**
 * Uses the browser for a while; give it back with the function that comes with it.
 * @throws {RekindleError} BROWSER_MISSING when there is none, or it does not start.
 */
export async function useBrowser(
  executable: string | null,
): Promise<{ readonly browser: Browser; readonly giveBack: () => void }> {
  if (executable === null) {
    throw new RekindleError(
      'BROWSER_MISSING',
      'the site needs a browser, and there is none on this machine',
      {
        hint: 'Install Chromium (Debian: apt install chromium), or name it as browser.executable.',
      },
    );
  }
  users += 1;
  clearTimeout(idle);
  try {
    const browser = await (await running(executable)).browser;
    return { browser, giveBack: once(release) };
  } catch (error) {
    release();
    const first = (error as Error).message.split('\n')[0];
    throw new RekindleError('BROWSER_MISSING', `the browser ${executable} does not start: ${first}`, {
      hint: 'Start it by hand to see why; browser.executable names another one.',
    });
  }
}

async function running(executable: string) {
  const before = launched;
  const alive = await before?.browser.then(
    (browser) => browser.isConnected(),
    () => false,
  );
  if (before && alive && before.executable === executable) return before;
  if (launched !== before && launched) return launched;
  whenSitesClose(closeBrowser);
  launched = { executable, browser: launch(executable) };
  return launched;
}

function launch(executablePath: string): Promise<Browser> {
  // Its own sandbox does not work for root, who is in a container of its own mostly.
  const root = process.getuid?.() === 0;
  return chromium.launch({
    executablePath,
    headless: true,
    chromiumSandbox: !root,
    args: ['--disable-dev-shm-usage', '--disable-gpu'],
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

function release(): void {
  users -= 1;
  if (users > 0) return;
  idle = setTimeout(() => void closeBrowser(), IDLE_MS);
  idle.unref();
}

/** Closes the browser. It is started again when somebody needs it. */
export async function closeBrowser(): Promise<void> {
  const closing = launched;
  launched = undefined;
  clearTimeout(idle);
  await closing?.browser.then((browser) => browser.close()).catch(() => undefined);
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

/** A page that stays open between two steps of a login, with what it lives in. */
export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly giveBack: () => void;
}

/** A person may take this long over a code; after it the page is opened anew. */
const KEPT_MS = 15 * 60_000;
const kept = new Map<string, { readonly open: OpenPage; readonly timer: NodeJS.Timeout }>();

/** Keeps a page open for a later step in this process. */
export function keepPage(id: string, open: OpenPage): void {
  const timer = setTimeout(() => void takePage(id)?.context.close().finally(open.giveBack), KEPT_MS);
  timer.unref();
  kept.set(id, { open, timer });
}

/** Takes a page that was kept; undefined: it is not in this process, or not any more. */
export function takePage(id: string | null): OpenPage | undefined {
  const found = id === null ? undefined : kept.get(id);
  if (!found || id === null) return undefined;
  kept.delete(id);
  clearTimeout(found.timer);
  if (!found.open.page.isClosed() && found.open.context.browser()?.isConnected()) return found.open;
  found.open.giveBack();
  return undefined;
}
