/** Logins with a real Chromium: the same Django by forms, and a page that is nothing without its scripts. */
import { describe, expect, test } from 'vitest';
import { siteOf, siteSchema } from '../../src/sites/description.ts';
import { findBrowser } from '../../src/sites/find-browser.ts';
import { driverFor } from '../../src/sites/index.ts';
import { adminSite, scriptSite, twoFactorSite } from '../support/django-descriptions.ts';
import { noDjango } from '../support/django-site.ts';
import { again, conforms, PASSWORD, signal, suiteDriver } from './conformance.ts';

const browser = findBrowser(process.env.PATH ?? '');
const missing = browser === undefined ? 'no Chromium is installed' : noDjango();

describe.skipIf(missing !== null)(`with a browser${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = suiteDriver('browser', browser ?? null);
  conforms(bench);

  test('a page made by scripts logs in, and its token is found in the storage', {
    timeout: 90_000,
  }, async () => {
    const { driver, site, codeOfLogin } = bench();
    const one = await driver(scriptSite(site.url));
    const { state } = await one.submit(await one.open(signal), { user: 'anna', password: PASSWORD }, signal);
    const session = await one.verify(again(state), signal);
    expect(session.headers.authorization).toMatch(/^Bearer ey/);
    expect((session.expiresAtMs ?? 0) - session.obtainedAtMs).toBeLessThanOrEqual(300_000);
    const answer = await fetch(`${site.url}/api/me/`, { headers: session.headers });
    expect(await answer.json()).toEqual({ user: { name: 'anna' } });
    expect(await codeOfLogin(scriptSite(site.url), 'anna', 'wrong password')).toBe('LOGIN_REFUSED');
  });

  test('the page that asks for a code stays open for the answer', { timeout: 90_000 }, async () => {
    const one = await bench().driver(twoFactorSite(bench().site.url));
    const credentials = { user: 'tess', password: PASSWORD };
    const { state } = await one.submit(await one.open(signal), credentials, signal);
    expect(state.openPage).toBeTypeOf('string');
    const pages = () => bench().site.visits().length;
    const before = pages();
    await expect(one.answer(again(state), '000000', signal)).rejects.toMatchObject({ code: 'CODE_REFUSED' });
    // The code alone was sent; nothing was opened anew.
    expect(
      bench()
        .site.visits()
        .slice(before)
        .map(({ method }) => method)[0],
    ).toBe('POST');
  });

  test('without a browser says how to get one', async () => {
    const file = { ...adminSite(bench().site.url), kind: 'browser' };
    const one = await driverFor(siteOf('x', siteSchema.parse(file)));
    await expect(one.open(signal)).rejects.toThrow(/needs a browser/);
  });
});
