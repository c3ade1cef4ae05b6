/** `rekindle login` and `session answer`, as a user types them, against Django. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTotpSecret, totpCode, totpStepAt } from '../../src/sites/totp.ts';
import { noDjango } from '../support/django-site.ts';
import { suiteLogins, TOTP_SECRET } from '../support/login-bench.ts';
import { tempDir } from '../support/temp-dir.ts';
import { json, ownDataDir, rekindle, start } from './support/cli.ts';

const missing = noDjango();

describe.skipIf(missing !== null)(`rekindle login${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = suiteLogins();

  function place(): string[] {
    const file = join(tempDir(), 'rekindle.yaml');
    writeFileSync(file, `sites_dir: ${bench.sitesDir}\nlocale: en\n`);
    return ['--data-dir', ownDataDir(), '--config', file];
  }
  const options = (user: string, password?: string) => {
    const known = bench.credentials(user, password === undefined ? {} : { password });
    return ['--user', known.user, '--password', known.password];
  };

  test('logs in, and the session is there for later commands', { timeout: 90_000 }, async () => {
    const at = place();
    expect(await json(['login', 'admin', ...options('anna'), ...at])).toEqual({
      task_id: 'login-admin-default',
      session: 'admin/default',
      status: 'completed',
      expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
      retries: 0,
    });
    const shown = await json(['session', 'show', 'admin', ...at]);
    expect(shown).toMatchObject({ status: 'valid', version: 1 });
    const refused = await rekindle(['login', 'admin', ...options('anna', 'wrong'), ...at]);
    expect(refused.code).toBe(1);
    expect(refused.stdout + refused.stderr).toContain('user or password are wrong');
  });

  test('refuses a password on the command line, and shows nothing of it', { timeout: 90_000 }, async () => {
    const { code, stdout, stderr } = await rekindle([
      'login',
      'admin',
      '--user',
      'anna',
      '--password',
      'hunter2',
      ...place(),
    ]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('a secret must not stand here');
    expect(stdout + stderr).not.toContain('hunter2');
  });

  test('waits for a code, and goes on when another terminal gives it', { timeout: 90_000 }, async () => {
    const at = place();
    const login = start(['login', 'person', ...options('tess'), ...at, '--json']);
    await expect
      .poll(() => login.stderr, { timeout: 60_000 })
      .toContain('rekindle session answer person/default CODE');
    expect(login.stderr).toContain('What does the app show?');
    const usual = { digits: 6, period: 30, algorithm: 'sha1' } as const;
    const code = totpCode(readTotpSecret(TOTP_SECRET, usual).key, totpStepAt(Date.now(), usual), usual);
    expect(await json(['session', 'answer', 'person', code, ...at])).toEqual({
      accepted: true,
      tries_left: 0,
    });
    const ended = await login.end();
    expect([ended.code, ended.json]).toMatchObject([0, { status: 'completed', session: 'person/default' }]);
  });
});
