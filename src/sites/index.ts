/** Sites that tasks log in to: descriptions and drivers. Knows nothing of Temporal, tasks and the mirror. */
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
}

/** Makes the driver of a site. Close it when done. */
export async function driverFor(
  site: SiteDescription,
  { browser = null }: DriverOptions = {},
): Promise<SiteDriver> {
  if (site.kind === 'browser') {
    const { BrowserDriver } = await import('./browser-driver.ts');
    return new BrowserDriver(site, browser);
  }
  const { HttpDriver } = await import('./http-driver.ts');
  return new HttpDriver(site);
}
