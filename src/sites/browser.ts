/** The Chromium of this process: started when it is needed first, closed when nobody has used it for a while. */
import { type Browser, chromium } from 'playwright-core';
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
    args: [
      '--disable-dev-shm-usage',
      '--disable-gpu',
      // Pages that may not connect anywhere must not do so past their proxy.
      '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
    ],
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
async function closeBrowser(): Promise<void> {
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
