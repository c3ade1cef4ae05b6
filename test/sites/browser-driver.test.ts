/** Logins with a real Chromium: the same Django by forms, and a page that is nothing without its scripts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { closeSites } from '../../src/sites/closers.ts';
import { siteOf, siteSchema } from '../../src/sites/description.ts';
import { findBrowser } from '../../src/sites/find-browser.ts';
import { driverFor, type SiteDriver } from '../../src/sites/index.ts';
import { readTotpSecret, totpCode, totpStepAt } from '../../src/sites/totp.ts';
import { adminSite, scriptSite, twoFactorSite } from '../support/django-descriptions.ts';
import { DjangoSite, noDjango, TOTP_SECRET } from '../support/django-site.ts';

const browser = findBrowser(process.env.PATH ?? '');
const missing = browser === undefined ? 'no Chromium is installed' : noDjango();
const PASSWORD = 'correct horse & battery=staple';
const signal = new AbortController().signal;
const usual = { digits: 6, period: 30, algorithm: 'sha1' } as const;
const code = (ahead = 0) =>
  totpCode(readTotpSecret(TOTP_SECRET, usual).key, totpStepAt(Date.now(), usual) + ahead, usual);

describe.skipIf(missing !== null)(`with a browser${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let site: DjangoSite;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rekindle-django-'));
    site = await DjangoSite.start(inject('cacheDir'), dir, PASSWORD);
  }, 300_000);
  afterAll(async () => {
    await closeSites();
    await site?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(() => {
    site.set('down', false);
    site.set('captcha', false);
    site.forget();
  });

  const driver = (file: object): Promise<SiteDriver> =>
    driverFor(siteOf('django', siteSchema.parse({ ...file, kind: 'browser' })), { browser: browser ?? null });
  const submits = () => site.visits().filter(({ method }) => method === 'POST').length;
  const again = <T>(state: T): T => JSON.parse(JSON.stringify(state)) as T;
  async function codeOfLogin(file: object, user: string, password: string): Promise<string> {
    const one = await driver(file);
    try {
      const { state } = await one.submit(await one.open(signal), { user, password }, signal);
      await one.verify(state, signal);
      return 'logged in';
    } catch (error) {
      const { code: known, name, status, message } = error as Error & { code?: string; status?: number };
      expect(message).not.toContain(password);
      return known ?? `${name} ${status}`;
    }
  }

  test('the admin’s form is filled in and sent', { timeout: 90_000 }, async () => {
    const one = await driver(adminSite(site.url));
    const { state, next } = await one.submit(
      again(await one.open(signal)),
      { user: 'anna', password: PASSWORD },
      signal,
    );
    expect(next).toBe('verify');
    const session = await one.verify(again(state), signal);
    const cookie = session.cookies.find(({ key }) => key === 'sessionid');
    expect(cookie).toMatchObject({ domain: 'localhost', httpOnly: true, hostOnly: true });
    expect((session.expiresAtMs ?? 0) - session.obtainedAtMs).toBeGreaterThan(13.9 * 86_400_000);
    expect(submits()).toBe(1);
  });

  test('a page made by scripts logs in, and its token is found in the storage', {
    timeout: 90_000,
  }, async () => {
    const one = await driver(scriptSite(site.url));
    const { state } = await one.submit(await one.open(signal), { user: 'anna', password: PASSWORD }, signal);
    const session = await one.verify(again(state), signal);
    expect(session.headers.authorization).toMatch(/^Bearer ey/);
    expect((session.expiresAtMs ?? 0) - session.obtainedAtMs).toBeLessThanOrEqual(300_000);
    const answer = await fetch(`${site.url}/api/me/`, { headers: session.headers });
    expect(await answer.json()).toEqual({ user: { name: 'anna' } });
  });

  test('what sites say means the same as without one', { timeout: 120_000 }, async () => {
    expect(await codeOfLogin(adminSite(site.url), 'anna', 'wrong password')).toBe('LOGIN_REFUSED');
    expect(await codeOfLogin(scriptSite(site.url), 'anna', 'wrong password')).toBe('LOGIN_REFUSED');
    const { failure: _, ...vague } = adminSite(site.url);
    expect(await codeOfLogin(vague, 'anna', 'wrong password')).toBe('LOGIN_UNCLEAR');
    const other = { ...adminSite(site.url), submit: { user: 'email' }, timeout: 3 };
    expect(await codeOfLogin(other, 'anna', PASSWORD)).toBe('SITE_CHANGED');
    site.forget();
    site.set('captcha', true);
    expect(await codeOfLogin(adminSite(site.url), 'anna', PASSWORD)).toBe('LOGIN_BLOCKED');
    site.set('captcha', false);
    site.set('down', true);
    expect(await codeOfLogin(adminSite(site.url), 'anna', PASSWORD)).toBe('HttpStatusError 503');
    expect(await codeOfLogin(adminSite('http://localhost:2'), 'anna', PASSWORD)).toBe('ECONNREFUSED');
    expect(submits()).toBe(0);
  });

  test('a one-time code is given on the page that is still open', { timeout: 90_000 }, async () => {
    const one = await driver(twoFactorSite(site.url));
    const credentials = { user: 'tess', password: PASSWORD };
    const { state, next } = await one.submit(await one.open(signal), credentials, signal);
    expect([next, typeof state.openPage]).toEqual(['challenge', 'string']);
    await expect(one.answer(again(state), '000000', signal)).rejects.toMatchObject({ code: 'CODE_REFUSED' });
    const answered = await one.answer(again(state), code(), signal);
    expect((await one.verify(answered.state, signal)).cookies.map(({ key }) => key)).toContain('sessionid');
  });

  test('without a browser says how to get one', async () => {
    const one = await driverFor(siteOf('x', siteSchema.parse({ ...adminSite(site.url), kind: 'browser' })));
    await expect(one.open(signal)).rejects.toThrow(/needs a browser/);
  });
});
