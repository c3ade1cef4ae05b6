/** Logins as tasks, against Django. */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { LoginRequest } from '../../src/client/login-request.ts';
import { TaskFailedError } from '../../src/client/task-handle.ts';
import { type LoginQuestion, type LoginResult, QUESTION_QUERY } from '../../src/domain/login.ts';
import { openVault } from '../../src/secrets/vault.ts';
import { findBrowser } from '../../src/sites/find-browser.ts';
import { readTotpSecret, totpCode, totpStepAt } from '../../src/sites/index.ts';
import { adminSite, scriptSite, twoFactorSite } from '../support/django-descriptions.ts';
import { noDjango } from '../support/django-site.ts';
import { QUICK_RETRIES } from '../support/downloads.ts';
import { PASSWORD, suiteLogins, TOTP_SECRET } from '../support/login-bench.ts';
import { suiteRekindle } from '../support/rekindle.ts';

const missing = noDjango();
const browser = findBrowser(process.env.PATH ?? '');

describe.skipIf(missing !== null)(`a login${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = suiteLogins();
  const all = suiteRekindle({
    ...QUICK_RETRIES,
    sitesDir: bench.sitesDir,
    locale: 'en',
    browser: { executable: browser ?? null, path: '' },
  });
  const posts = () =>
    bench
      .site()
      .visits()
      .filter(({ method }) => method === 'POST').length;
  let accounts = 0;
  const account = () => `a${++accounts}`;

  async function login(request: LoginRequest): Promise<LoginResult> {
    return (await all().rekindle.login(request)).wait();
  }
  async function failure(request: LoginRequest) {
    const error = await login(request).catch((thrown: unknown) => thrown);
    if (error instanceof TaskFailedError) return error.failure;
    throw new Error(`it did not fail: ${String(error)}`);
  }
  function unsealed(name: { site: string; account: string }, result: LoginResult) {
    const { config } = all();
    const vault = openVault({ ...config.sessions, dataDir: config.dataDir, create: false });
    return vault.unsealSession(name, result.sealed);
  }
  async function question(request: LoginRequest): Promise<LoginQuestion> {
    const task = await all().rekindle.login(request);
    for (const deadline = performance.now() + 30_000; ; ) {
      const asked = await task.handle().query<LoginQuestion | null>(QUESTION_QUERY);
      if (asked) return asked;
      if (performance.now() > deadline) throw new Error('it asked nothing');
      await delay(50);
    }
  }

  test('by form ends with a session, which is kept sealed', async () => {
    const name = { site: 'admin', account: account() };
    const result = await login({ ...name, ...bench.credentials('anna') });
    expect(result).toMatchObject({ ...name, totpStep: null, retries: 0 });
    expect(unsealed(name, result)).toMatchObject({ name, origins: [bench.site().url] });
    await expect
      .poll(() => all().rekindle.session(name))
      .toMatchObject({ status: 'valid', version: 1, login_task_id: `login-admin-${name.account}` });
    const { view: task } = await all().rekindle.task(`login-admin-${name.account}`).show();
    expect(task).toMatchObject({ task_type: 'login', status: 'completed', progress: 100 });
    expect(posts()).toBe(1);
  });

  test('takes the account from the site’s description when it is told none', async () => {
    bench.describe('known', {
      ...adminSite(bench.site().url),
      accounts: { default: bench.credentials('anna') },
    });
    await login({ site: 'known' });
    expect(await failure({ site: 'known', account: 'other' })).toMatchObject({
      errorType: 'SECRET_UNREADABLE',
    });
  });

  const none = browser === undefined ? ' (skipped: no Chromium is installed)' : '';
  test.skipIf(browser === undefined)(
    `by browser ends with a token of the page${none}`,
    { timeout: 90_000 },
    async () => {
      const name = { site: 'script', account: account() };
      bench.describe('script', scriptSite(bench.site().url));
      const result = await login({ ...name, ...bench.credentials('anna') });
      expect(unsealed(name, result).headers.authorization).toMatch(/^Bearer ey/);
      const wrong = bench.credentials('anna', { password: 'wrong' });
      const failed = await failure({ site: 'script', account: account(), ...wrong });
      expect(failed).toMatchObject({ errorType: 'LOGIN_REFUSED' });
      const asked = bench
        .site()
        .visits()
        .filter(({ path }) => path === '/api/token/');
      expect(asked).toHaveLength(2);
    },
  );

  test('by JSON API ends with a token and its end', async () => {
    const name = { site: 'api', account: account() };
    const result = await login({ ...name, ...bench.credentials('anna') });
    expect(unsealed(name, result).headers.authorization).toMatch(/^Bearer ey/);
    expect((result.expiresAtMs ?? 0) - result.obtainedAtMs).toBeLessThanOrEqual(300_000);
  });

  test('with a password that stands in the request is refused before anything is started', async () => {
    const request = { site: 'admin', account: account(), user: 'anna', password: 'hunter2' };
    const error = await all()
      .rekindle.login(request)
      .catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'INVALID_INPUT', message: expect.not.stringContaining('hunter2') });
    await expect(all().rekindle.session(request)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });

  test('for others connects to nothing private by itself, and is no obstacle to our own', async () => {
    const name = { site: 'ours', account: 'default' };
    bench.describe('ours', {
      ...adminSite(bench.site().url),
      accounts: { default: bench.credentials('anna') },
    });
    const given = { site: 'ours', untrusted: true, ...bench.credentials('anna') };
    await expect(all().rekindle.login(given)).rejects.toThrow(/not for others to say/);
    const failed = await failure({ site: 'ours', untrusted: true });
    expect(failed).toMatchObject({ errorType: 'ADDRESS_FORBIDDEN', step: 'open' });
    expect(bench.site().visits()).toEqual([]);
    const request = { url: 'http://localhost:2/theirs', to: bench.sitesDir, session: 'ours' };
    const theirs = await all().rekindle.download({ ...request, untrusted: true });
    await expect(theirs.wait()).rejects.toMatchObject({ failure: { errorType: 'ADDRESS_FORBIDDEN' } });
    const ours = await all().rekindle.download({ ...request, url: 'http://localhost:2/ours' });
    await expect.poll(() => all().rekindle.session(name), { timeout: 20_000 }).toMatchObject({ version: 1 });
    await ours.cancel();
  });

  test('with a wrong password is tried once when the site is clear about it', async () => {
    const wrong = bench.credentials('anna', { password: 'wrong' });
    expect(await failure({ site: 'admin', account: account(), ...wrong })).toMatchObject({
      errorType: 'LOGIN_REFUSED',
      category: 'unrecoverable_config',
      step: 'submit',
    });
    expect(posts()).toBe(1);
  });

  test('that failed can be recovered once the password is right, and its session is handed over', async () => {
    const name = { site: 'admin', account: account() };
    const { password } = bench.credentials('anna', { password: 'wrong' });
    expect(await failure({ ...name, user: 'anna', password })).toMatchObject({ errorType: 'LOGIN_REFUSED' });
    writeFileSync(password.slice('file:'.length), PASSWORD);
    const task = all().rekindle.task<LoginResult>(`login-admin-${name.account}`);
    await task.recover({ force: true });
    await task.wait();
    await expect.poll(() => all().rekindle.session(name)).toMatchObject({ status: 'valid' });
  });

  test('with a wrong password is tried three times when the answer leaves doubt', async () => {
    const { failure: _, ...vague } = adminSite(bench.site().url);
    bench.describe('vague', vague);
    const wrong = bench.credentials('locked', { password: 'wrong' });
    expect(await failure({ site: 'vague', ...wrong })).toMatchObject({
      errorType: 'LOGIN_UNCLEAR',
      category: 'unrecoverable_config',
      attempts: { auth_error: 3 },
    });
    expect(posts()).toBe(3);
  });

  test('that meets a captcha needs people, and sends no password', async () => {
    bench.site().set('captcha', true);
    expect(await failure({ site: 'admin', account: account(), ...bench.credentials('anna') })).toMatchObject({
      errorType: 'LOGIN_BLOCKED',
      category: 'unrecoverable_config',
    });
    expect(posts()).toBe(0);
  });

  test('waits while the site is down, and goes on', async () => {
    bench.site().set('down', true);
    const task = await all().rekindle.login({
      site: 'admin',
      account: account(),
      ...bench.credentials('anna'),
    });
    for (;;) {
      if (bench.site().visits().length >= 2) break;
      await delay(20);
    }
    bench.site().set('down', false);
    const { retries } = await task.wait();
    expect(retries).toBeGreaterThan(0);
  });

  test('of a site that nobody described says which there are', async () => {
    const failed = await failure({ site: 'nowhere', ...bench.credentials('anna') });
    expect(failed).toMatchObject({ errorType: 'SITE_UNKNOWN', hint: expect.stringContaining('admin') });
  });

  test('with one-time codes sends each once, also right after an earlier login', async () => {
    const name = { site: 'two', account: account() };
    const request = { ...name, ...bench.credentials('quick', { totp: true }) };
    const [first, second] = [await login(request), await login(request)];
    expect(second.totpStep).toBeGreaterThan(first.totpStep ?? Number.NaN);
    const codes = bench
      .site()
      .visits()
      .flatMap(({ code }) => code ?? []);
    expect(new Set(codes).size).toBe(2);
    expect(codes).toHaveLength(2);
    expect(second.retries).toBe(0);
  });

  test('with the wrong secret of codes sends three different ones, and fails', {
    timeout: 60_000,
  }, async () => {
    const name = { site: 'two', account: account() };
    const { totp = '', ...credentials } = bench.credentials('quick', { totp: true });
    const wrong = totp.replace('file:', '').replace(/totp$/, 'wrong-totp');
    writeFileSync(wrong, 'MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK', { mode: 0o600 });
    expect(await failure({ ...name, ...credentials, totp: `file:${wrong}` })).toMatchObject({
      errorType: 'CODE_REFUSED',
      attempts: { auth_error: 3 },
      step: 'challenge',
    });
    const codes = bench
      .site()
      .visits()
      .flatMap(({ code }) => code ?? []);
    expect([codes.length, new Set(codes).size]).toEqual([3, 3]);
    // The next login knows which codes were sent, and waits for a later one.
    const result = await login({ ...name, ...credentials, totp });
    expect(result.retries).toBe(0);
  });

  test('that needs a person asks, once, and takes the second code when the first is wrong', async () => {
    const name = { site: 'person', account: account() };
    const asked = await question({ ...name, ...bench.credentials('tess') });
    expect(asked).toMatchObject({ what: { en: 'What does the app show?' }, triesLeft: 3 });
    const waiting = await all().rekindle.session(name);
    expect(waiting).toMatchObject({
      status: 'needs_person',
      what_to_do: expect.stringContaining('session answer'),
    });

    expect(await all().rekindle.answerLogin(name, '000000')).toEqual({ accepted: false, triesLeft: 2 });

    await question({ ...name });

    const usual = { digits: 6, period: 30, algorithm: 'sha1' } as const;
    const { key } = readTotpSecret(TOTP_SECRET, usual);
    const code = totpCode(key, totpStepAt(Date.now(), usual), usual);
    expect(await all().rekindle.answerLogin(name, code)).toEqual({ accepted: true, triesLeft: 0 });
    await all().rekindle.task<LoginResult>(`login-person-${name.account}`).wait();
    // The session hears of the end of its login a moment later.
    await expect
      .poll(() => all().rekindle.session(name), { timeout: 10_000 })
      .toMatchObject({ status: 'valid', what_to_do: null });
    // One message, though it asked twice.
    const { client } = all().connected;
    const group = client.workflow.getHandle(`notification/user/login_needed/person/${name.account}`);
    const { events } = await group.fetchHistory();
    expect(events?.filter(({ workflowExecutionSignaledEventAttributes: signal }) => signal)).toHaveLength(1);
    await expect(all().rekindle.answerLogin(name, '1')).rejects.toMatchObject({ code: 'TASK_STATE' });
  });

  test('that nobody answers gives up after its time', async () => {
    const { url } = bench.site();
    const two = twoFactorSite(url);
    bench.describe('hasty', { ...two, challenge: { ...two.challenge, by: 'person', time_limit: 0.5 } });
    const failed = await failure({ site: 'hasty', ...bench.credentials('tess') });
    expect(failed).toMatchObject({ errorType: 'LOGIN_UNANSWERED', category: 'unrecoverable_business' });
  });

  test('leaves nothing secret in any history', async () => {
    const { client } = all().connected;
    const name = { site: 'two', account: account() };
    const result = await login({ ...name, ...bench.credentials('quick', { totp: true }) });
    const cookie = unsealed(name, result).cookies.find(({ key }) => key === 'sessionid')?.value as string;
    expect(cookie).toMatch(/^\w{20,}$/);
    const usual = { digits: 6, period: 4, algorithm: 'sha1' } as const;
    const code = totpCode(readTotpSecret(TOTP_SECRET, usual).key, result.totpStep ?? 0, usual);
    const planted = [
      PASSWORD,
      encodeURIComponent(PASSWORD),
      TOTP_SECRET,
      cookie,
      `"${code}"`,
      'csrfmiddlewaretoken',
    ];
    let seen = 0;
    for await (const { workflowId, runId } of client.workflow.list()) {
      const { events = [] } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      for (const text of [JSON.stringify(events), plainOf(events)])
        for (const secret of planted)
          expect([workflowId, text.includes(secret)]).toEqual([workflowId, false]);
      seen += 1;
    }
    expect(seen).toBeGreaterThan(10);
  });
});

/** Whatever is bytes as text: payloads, as the server keeps them. */
function plainOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(plainOf).join('\n');
}
