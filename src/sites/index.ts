/** Sites that tasks log in to: descriptions and drivers. Knows nothing of Temporal, tasks and the mirror. */
import type { SiteDescription } from './description.ts';
import type { SiteDriver } from './driver.ts';

export type { SiteDescription } from './description.ts';
export type { Advance, Credentials, LoginState, SiteDriver, SiteSession } from './driver.ts';
export { findSite, type LoadedSites, loadSites } from './load-sites.ts';
export { beginOfStep, readTotpSecret, type TotpSettings, totpCode, totpStepAt } from './totp.ts';

/** What drivers need from outside. */
export interface DriverOptions {
  /** The Chromium of sites with the kind `browser`. @default found */
  readonly browser?: string | null;
}

/** Makes the driver of a site. Close it when done. */
export async function driverFor(site: SiteDescription, _options: DriverOptions = {}): Promise<SiteDriver> {
  const { HttpDriver } = await import('./http-driver.ts');
  return new HttpDriver(site);
}
