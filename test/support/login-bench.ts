/** A directory with descriptions of sites and files with secrets, for tests that log in. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { adminSite, apiSite, twoFactorSite } from './django-descriptions.ts';
import { DjangoSite, TOTP_SECRET } from './django-site.ts';

/** Planted: nothing but the site and the file of the secret may ever hold it. */
export const PASSWORD = 'planted pass&word=9d41';
export { TOTP_SECRET };

export interface LoginBench {
  readonly sitesDir: string;
  /** References for an account; files that only their owner reads. */
  readonly credentials: (
    user: string,
    options?: { password?: string; totp?: boolean },
  ) => {
    readonly user: string;
    readonly password: string;
    readonly totp?: string;
  };
  /** Writes the description of a site. */
  readonly describe: (name: string, description: object) => void;
  readonly site: () => DjangoSite;
}

/** One Django for all tests of a file, with the sites `admin`, `two`, `person` (codes by people) and `api`. */
export function suiteLogins(): LoginBench {
  const dir = mkdtempSync(join(tmpdir(), 'rekindle-logins-'));
  const [sitesDir, data] = [join(dir, 'sites'), join(dir, 'django')];
  for (const one of [sitesDir, data]) mkdirSync(one);
  const secret = (name: string, text: string) => {
    const file = join(dir, name);
    writeFileSync(file, text, { mode: 0o600 });
    chmodSync(file, 0o600);
    return `file:${file}`;
  };
  const describe: LoginBench['describe'] = (name, description) =>
    writeFileSync(join(sitesDir, `${name}.yaml`), JSON.stringify(description));
  let site: DjangoSite | undefined;
  beforeAll(async () => {
    site = await DjangoSite.start(inject('cacheDir'), data, PASSWORD);
    const two = twoFactorSite(site.url);
    describe('admin', adminSite(site.url));
    describe('api', apiSite(site.url));
    describe('two', { ...two, totp: { period: 4 } });
    describe('person', {
      ...two,
      challenge: { ...two.challenge, by: 'person', question: { en: 'What does the app show?' } },
    });
  }, 300_000);
  beforeEach(() => {
    site?.set('down', false);
    site?.set('captcha', false);
    site?.release();
    site?.forget();
  });
  afterAll(async () => {
    await site?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    sitesDir,
    describe,
    credentials: (user, { password = PASSWORD, totp = false } = {}) => ({
      user,
      password: secret(`password-${password === PASSWORD ? 'right' : 'wrong'}`, password),
      ...(totp ? { totp: secret('totp', TOTP_SECRET) } : {}),
    }),
    site: () => {
      if (!site) throw new Error('suiteLogins(): ask for the site inside a test');
      return site;
    },
  };
}
