/** Form and JSON logins against Django, without a browser. */
import { describe, expect, test } from 'vitest';
import { siteOf, siteSchema } from '../../src/sites/description.ts';
import { driverFor } from '../../src/sites/index.ts';
import { adminSite, apiSite, twoFactorSite } from '../support/django-descriptions.ts';
import { noDjango } from '../support/django-site.ts';
import { again, code, conforms, PASSWORD, signal, suiteDriver } from './conformance.ts';

const missing = noDjango();

describe.skipIf(missing !== null)(`without a browser${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = suiteDriver('form');
  conforms(bench);

  test('the form’s hidden fields travel with the login', async () => {
    const one = await bench().driver(adminSite(bench().site.url));
    const { form } = await one.open(signal);
    expect(form?.fields.map(([name]) => name)).toEqual(['csrfmiddlewaretoken', 'next']);
    await one.close();
  });

  test('no password is sent to an origin that is not the site’s', async () => {
    const { page, ...rest } = adminSite(bench().site.url);
    const file = { ...rest, page: page.replace('localhost', '127.0.0.1'), submit: { url: page } };
    const elsewhere = siteOf('django', siteSchema.parse(file));
    const one = await driverFor({ ...elsewhere, trusted: ['http://127.0.0.1'] });
    const opened = await one.open(signal);
    await expect(one.submit(opened, { user: 'anna', password: PASSWORD }, signal)).rejects.toThrow(
      /no origin of the site/,
    );
    expect(bench().submits()).toBe(0);
    await one.close();
  });

  test('a one-time code is taken once', async () => {
    const one = await bench().driver(twoFactorSite(bench().site.url));
    const login = async (used: string) => {
      const { state } = await one.submit(
        await one.open(signal),
        { user: 'tess', password: PASSWORD },
        signal,
      );
      return one.answer(again(state), used, signal);
    };
    // The codes of now are used up by the tests above.
    const later = code(1);
    await login(later);
    await expect(login(later)).rejects.toMatchObject({ code: 'CODE_REFUSED' });
    await one.close();
  });

  test('a JSON API gives a token with an end', async () => {
    const { driver, site, codeOfLogin } = bench();
    const one = await driver(apiSite(site.url));
    const { state } = await one.submit(await one.open(signal), { user: 'anna', password: PASSWORD }, signal);
    const session = await one.verify(state, signal);
    expect(session.headers.authorization).toMatch(/^Bearer eyJ/);
    expect((session.expiresAtMs ?? 0) - session.obtainedAtMs).toBeLessThanOrEqual(300_000);
    expect(await codeOfLogin(apiSite(site.url), 'anna', 'wrong password')).toBe('LOGIN_REFUSED');
    await one.close();
  });
});
