/** What every driver of sites does alike, tried on the same Django. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { closeSites } from '../../src/sites/closers.ts';
import { siteOf, siteSchema } from '../../src/sites/description.ts';
import { driverFor, type SiteDriver, type SiteSession } from '../../src/sites/index.ts';
import { readTotpSecret, totpCode, totpStepAt } from '../../src/sites/totp.ts';
import { adminSite, twoFactorSite } from '../support/django-descriptions.ts';
import { DjangoSite, TOTP_SECRET } from '../support/django-site.ts';

export const PASSWORD = 'correct horse & battery=staple';
export const signal = new AbortController().signal;
const USUAL = { digits: 6, period: 30, algorithm: 'sha1' } as const;
/** A browser takes its time. */
const PATIENCE = { timeout: 90_000 };

export interface DriverBench {
  readonly site: DjangoSite;
  driver(file: object): Promise<SiteDriver>;
  /** Logs in. @returns the code of the error, or `logged in`. */
  codeOfLogin(file: object, user: string, password: string): Promise<string>;
  /** Forms that the site was sent. */
  submits(): number;
}

/** The one-time code of now, or of a later time step. */
export function code(stepsAhead = 0): string {
  return totpCode(readTotpSecret(TOTP_SECRET, USUAL).key, totpStepAt(Date.now(), USUAL) + stepsAhead, USUAL);
}

/** What stands between two steps is JSON: another process may go on. */
export function again<T>(state: T): T {
  return JSON.parse(JSON.stringify(state)) as T;
}

export function cookieOf(session: SiteSession, name: string) {
  return session.cookies.find(({ key }) => key === name);
}

/** One Django for all tests of a `describe`. @param browser of drivers of the kind `browser`. */
export function suiteDriver(kind: 'form' | 'browser', browser: string | null = null): () => DriverBench {
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
  const driver: DriverBench['driver'] = (file) => {
    const described = kind === 'browser' ? { ...file, kind } : file;
    return driverFor(siteOf('django', siteSchema.parse(described)), { browser });
  };
  return () => ({
    site,
    driver,
    submits: () => site.visits().filter(({ method }) => method === 'POST').length,
    async codeOfLogin(file, user, password) {
      const one = await driver(file);
      try {
        const { state } = await one.submit(await one.open(signal), { user, password }, signal);
        await one.verify(state, signal);
        return 'logged in';
      } catch (error) {
        const { code: known, name, status, message } = error as Error & { code?: string; status?: number };
        expect(message).not.toContain(password);
        return known ?? `${name} ${status}`;
      } finally {
        await one.close();
      }
    },
  });
}

/** The tests that every driver passes. */
export function conforms(bench: () => DriverBench): void {
  describe('as every driver', () => {
    const admin = () => adminSite(bench().site.url);

    test(
      'logs in by a form with CSRF token and cookies, in steps that others may go on with',
      PATIENCE,
      async () => {
        const { driver, site, submits } = bench();
        const one = await driver(admin());
        const opened = again(await one.open(signal));
        const { state, next } = await one.submit(opened, { user: 'anna', password: PASSWORD }, signal);
        expect(next).toBe('verify');
        const session = await one.verify(again(state), signal);
        expect(cookieOf(session, 'sessionid')).toMatchObject({
          domain: 'localhost',
          httpOnly: true,
          hostOnly: true,
        });
        expect(session).toMatchObject({
          origins: [site.url],
          loginPages: [`${site.url}/admin/login/`],
          headers: {},
        });
        // Django's cookie lives for two weeks, and the description says to look there.
        const days = ((session.expiresAtMs ?? 0) - session.obtainedAtMs) / 86_400_000;
        expect([days > 13.9, days < 14.1, submits()]).toEqual([true, true, 1]);
        await one.close();
      },
    );

    test('takes the site’s word that a password is wrong, after one try', PATIENCE, async () => {
      expect(await bench().codeOfLogin(admin(), 'anna', 'wrong password')).toBe('LOGIN_REFUSED');
      expect(bench().submits()).toBe(1);
    });

    test('is in doubt when the description does not know what refusal looks like', PATIENCE, async () => {
      const { failure: _, ...vague } = admin();
      expect(await bench().codeOfLogin(vague, 'anna', 'wrong password')).toBe('LOGIN_UNCLEAR');
    });

    test('needs people when the account is locked', PATIENCE, async () => {
      for (let i = 0; i < 4; i += 1) await bench().codeOfLogin(admin(), 'locked', 'wrong password');
      expect(await bench().codeOfLogin(admin(), 'locked', PASSWORD)).toBe('LOGIN_BLOCKED');
    });

    test('needs people for a captcha, and sends no password', PATIENCE, async () => {
      bench().site.set('captcha', true);
      expect(await bench().codeOfLogin(admin(), 'anna', PASSWORD)).toBe('LOGIN_BLOCKED');
      expect(bench().submits()).toBe(0);
    });

    test(
      'says the status of a site that is down, and the error of one that is not there',
      PATIENCE,
      async () => {
        bench().site.set('down', true);
        expect(await bench().codeOfLogin(admin(), 'anna', PASSWORD)).toBe('HttpStatusError 503');
        expect(await bench().codeOfLogin(adminSite('http://localhost:2'), 'anna', PASSWORD)).toBe(
          'ECONNREFUSED',
        );
      },
    );

    test('says that the site changed when its form is another one', PATIENCE, async () => {
      const file = { ...admin(), submit: { user: 'email', password: 'password' }, timeout: 3 };
      expect(await bench().codeOfLogin(file, 'anna', PASSWORD)).toBe('SITE_CHANGED');
      expect(bench().submits()).toBe(0);
    });

    test('gives a one-time code, and tells one that is not taken', PATIENCE, async () => {
      const one = await bench().driver(twoFactorSite(bench().site.url));
      const credentials = { user: 'tess', password: PASSWORD };
      const { state, next } = await one.submit(await one.open(signal), credentials, signal);
      expect(next).toBe('challenge');
      await expect(one.answer(again(state), '000000', signal)).rejects.toMatchObject({
        code: 'CODE_REFUSED',
      });
      const answered = await one.answer(again(state), code(), signal);
      expect(cookieOf(await one.verify(again(answered.state), signal), 'sessionid')).toBeDefined();
      await one.close();
    });

    test('is in doubt when it verifies without a login', PATIENCE, async () => {
      const one = await bench().driver(admin());
      const opened = await one.open(signal);
      await expect(one.verify(opened, signal)).rejects.toMatchObject({ code: 'LOGIN_UNCLEAR' });
      await one.close();
    });
  });
}
