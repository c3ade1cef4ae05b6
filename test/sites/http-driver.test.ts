/** Form and JSON logins against Django: CSRF, cookies, one-time codes, locked accounts, tokens. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { siteOf, siteSchema } from '../../src/sites/description.ts';
import { driverFor, type SiteDriver, type SiteSession } from '../../src/sites/index.ts';
import { readTotpSecret, totpCode, totpStepAt } from '../../src/sites/totp.ts';
import { adminSite, apiSite, twoFactorSite } from '../support/django-descriptions.ts';
import { DjangoSite, noDjango, TOTP_SECRET } from '../support/django-site.ts';

const missing = noDjango();
const PASSWORD = 'correct horse & battery=staple';
const signal = new AbortController().signal;

function code(stepsAhead = 0): string {
  const usual = { digits: 6, period: 30, algorithm: 'sha1' } as const;
  return totpCode(readTotpSecret(TOTP_SECRET, usual).key, totpStepAt(Date.now(), usual) + stepsAhead, usual);
}

describe.skipIf(missing !== null)(`logging in to Django${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let site: DjangoSite;
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rekindle-django-'));
    site = await DjangoSite.start(inject('cacheDir'), dir, PASSWORD);
  }, 300_000);
  afterAll(async () => {
    await site?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(() => {
    site.set('down', false);
    site.set('captcha', false);
    site.forget();
  });

  const driver = (file: object, name = 'django'): Promise<SiteDriver> =>
    driverFor(siteOf(name, siteSchema.parse(file)));
  const cookie = (session: SiteSession, name: string) => session.cookies.find(({ key }) => key === name);
  const submits = () => site.visits().filter(({ method }) => method === 'POST').length;
  async function codeOfLogin(file: object, user: string, password: string): Promise<string> {
    const one = await driver(file);
    try {
      const { state } = await one.submit(await one.open(signal), { user, password }, signal);
      await one.verify(state, signal);
      return 'logged in';
    } catch (error) {
      return (
        (error as { code?: string }).code ??
        `${(error as Error).name} ${(error as { status?: number }).status}`
      );
    } finally {
      await one.close();
    }
  }

  test('by the form of its admin, with CSRF token and cookies', async () => {
    const one = await driver(adminSite(site.url));
    const opened = await one.open(signal);
    expect(opened.form?.fields.map(([name]) => name)).toEqual(['csrfmiddlewaretoken', 'next']);
    // What stands between two steps is JSON: another process may go on.
    const again = JSON.parse(JSON.stringify(opened));
    const { state, next } = await one.submit(again, { user: 'anna', password: PASSWORD }, signal);
    expect(next).toBe('verify');
    const session = await one.verify(JSON.parse(JSON.stringify(state)), signal);
    expect(cookie(session, 'sessionid')).toMatchObject({ httpOnly: true, domain: 'localhost' });
    expect(session).toMatchObject({
      origins: [site.url],
      loginPages: [`${site.url}/admin/login/`],
      headers: {},
    });
    // Django's cookie lives for two weeks, and the description says to look there.
    const days = ((session.expiresAtMs ?? 0) - session.obtainedAtMs) / 86_400_000;
    expect(days).toBeGreaterThan(13.9);
    expect(days).toBeLessThan(14.1);
    await one.close();
  });

  test('with a wrong password is refused, clearly', async () => {
    expect(await codeOfLogin(adminSite(site.url), 'anna', 'wrong')).toBe('LOGIN_REFUSED');
    expect(submits()).toBe(1);
  });

  test('with a wrong password, and a description that does not know what refusal looks like, leaves doubt', async () => {
    const { failure: _, ...vague } = adminSite(site.url);
    expect(await codeOfLogin(vague, 'anna', 'wrong')).toBe('LOGIN_UNCLEAR');
  });

  test('when the account is locked, needs people', async () => {
    for (let i = 0; i < 4; i += 1) await codeOfLogin(adminSite(site.url), 'locked', 'wrong');
    expect(await codeOfLogin(adminSite(site.url), 'locked', PASSWORD)).toBe('LOGIN_BLOCKED');
  });

  test('when it asks for a captcha, needs people, and no password is sent', async () => {
    site.set('captcha', true);
    expect(await codeOfLogin(adminSite(site.url), 'anna', PASSWORD)).toBe('LOGIN_BLOCKED');
    expect(submits()).toBe(0);
  });

  test('when it is down, says the status', async () => {
    site.set('down', true);
    expect(await codeOfLogin(adminSite(site.url), 'anna', PASSWORD)).toBe('HttpStatusError 503');
  });

  test('when nothing listens there, is the error of the connection', async () => {
    expect(await codeOfLogin(adminSite('http://localhost:2'), 'anna', PASSWORD)).toBe('ECONNREFUSED');
  });

  test('when its form is another one, says that the site changed', async () => {
    const file = { ...adminSite(site.url), submit: { user: 'email', password: 'password' } };
    expect(await codeOfLogin(file, 'anna', PASSWORD)).toBe('SITE_CHANGED');
    expect(submits()).toBe(0);
  });

  test('sends no password to an origin that is not the site’s', async () => {
    const { page, ...rest } = adminSite(site.url);
    const file = { ...rest, page: page.replace('localhost', '127.0.0.1'), submit: { url: page } };
    const elsewhere = siteOf('django', siteSchema.parse(file));
    const one = await driverFor({ ...elsewhere, trusted: ['http://127.0.0.1'] });
    const opened = await one.open(signal);
    await expect(one.submit(opened, { user: 'anna', password: PASSWORD }, signal)).rejects.toThrow(
      /no origin of the site/,
    );
    expect(submits()).toBe(0);
    await one.close();
  });

  test('with a one-time code, which is taken once', async () => {
    const one = await driver(twoFactorSite(site.url));
    const login = async (used: string) => {
      const credentials = { user: 'tess', password: PASSWORD };
      const { state, next } = await one.submit(await one.open(signal), credentials, signal);
      expect(next).toBe('challenge');
      return one.answer(JSON.parse(JSON.stringify(state)), used, signal);
    };
    const first = code();
    const { state } = await login(first);
    expect(cookie(await one.verify(state, signal), 'sessionid')).toBeDefined();
    await expect(login(first)).rejects.toMatchObject({ code: 'CODE_REFUSED' });
    await expect(login('000000')).rejects.toMatchObject({ code: 'CODE_REFUSED' });
    await login(code(1));
    await one.close();
  });

  test('by its JSON API, for a token with an end', async () => {
    const one = await driver(apiSite(site.url));
    const { state } = await one.submit(await one.open(signal), { user: 'anna', password: PASSWORD }, signal);
    const session = await one.verify(state, signal);
    expect(session.headers.authorization).toMatch(/^Bearer eyJ/);
    expect((session.expiresAtMs ?? 0) - session.obtainedAtMs).toBeLessThanOrEqual(300_000);
    expect(await codeOfLogin(apiSite(site.url), 'anna', 'wrong')).toBe('LOGIN_REFUSED');
    await one.close();
  });

  test('and verifying without a login leaves doubt', async () => {
    const one = await driver(adminSite(site.url));
    await expect(one.verify(await one.open(signal), signal)).rejects.toMatchObject({ code: 'LOGIN_UNCLEAR' });
    await one.close();
  });
});
