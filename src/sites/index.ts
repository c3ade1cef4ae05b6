/** Sites that tasks log in to: descriptions and drivers. Knows nothing of Temporal, tasks and the mirror. */
import type { NetworkGuard } from '../download/network-guard.ts';
import type { SiteDescription } from './description.ts';
import type { SiteDriver } from './driver.ts';

export type { SiteDescription } from './description.ts';
export type { Advance, Credentials, LoginState, SiteDriver, SiteSession } from './driver.ts';
export { findSite, type LoadedSites, loadSites } from './load-sites.ts';
export { beginOfStep, readTotpSecret, type TotpSettings, totpCode, totpStepAt } from './totp.ts';

/** What drivers need from outside. */
export interface DriverOptions {
  /** The Chromium of sites with the kind `browser`; null: there is none. */
  readonly browser?: string | null;
  /** Where connections may go. @default anywhere */
  readonly guard?: NetworkGuard | undefined;
}

/** Makes the driver of a site. Close it when done. */
export async function driverFor(
  site: SiteDescription,
  { browser = null, guard }: DriverOptions = {},
): Promise<SiteDriver> {
  if (site.kind === 'browser') {
    const { BrowserDriver } = await import('./browser-driver.ts');
    return new BrowserDriver(site, { executable: browser, guard });
  }
  const { HttpDriver } = await import('./http-driver.ts');
  return new HttpDriver(site, guard);
}
