/** `kill -9` of the worker at each step of a login: it comes to its end, and no one-time code is sent twice. */
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { RekindleClient } from '../../src/client/rekindle-client.ts';
import { loginTaskId } from '../../src/domain/session.ts';
import { findBrowser } from '../../src/sites/find-browser.ts';
import { startChild } from '../support/child.ts';
import { otpAdminSite, twoFactorSite } from '../support/django-descriptions.ts';
import { type Hold, noDjango } from '../support/django-site.ts';
import { QUICK_RETRIES } from '../support/downloads.ts';
import { suiteEngine } from '../support/engine.ts';
import { suiteLogins } from '../support/login-bench.ts';

const missing = noDjango();
const browser = findBrowser(process.env.PATH ?? '');
/** How long a code lasts. */
const PERIOD_MS = 4000;
const LOGIN = '/account/login/';

describe.skipIf(missing !== null)(`a login${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = suiteLogins();
  const engine = suiteEngine({
    config: {
      ...QUICK_RETRIES,
      sitesDir: bench.sitesDir,
      browser: { executable: browser ?? null, path: '' },
    },
  });
  beforeAll(() => {
    const { url } = bench.site();
    const admin = { verify: { url: `${url}/admin/`, success: { text: 'Site administration' } } };
    bench.describe('two', { ...twoFactorSite(url), ...admin, totp: { period: PERIOD_MS / 1000 } });
    bench.describe('one', { ...otpAdminSite(url), totp: { period: PERIOD_MS / 1000 } });
  });

  async function workerProcess() {
    const child = startChild(new URL('./worker-child.ts', import.meta.url), [
      JSON.stringify(engine().config),
    ]);
    await child.next();
    return child;
  }

  async function killedAt(site: string, account: string, ...holds: readonly Hold[]) {
    // All accounts here are one user, who has used a code in the test before: the site takes later ones only.
    await delay(PERIOD_MS - (Date.now() % PERIOD_MS));
    let worker = await workerProcess();
    const rekindle = new RekindleClient(engine().connected.client, engine().config);
    const credentials = bench.credentials('quick', { totp: true });
    const [first] = holds;
    if (first) bench.site().hold(first);
    const task = await rekindle.login({ site, account, ...credentials });
    for (const [i] of holds.entries()) {
      await bench.site().held();
      await worker.kill();
      const next = holds[i + 1];
      bench.site().release();
      if (next) bench.site().hold(next);
      worker = await workerProcess();
    }
    const result = await task.wait();
    const codes = bench
      .site()
      .visits()
      .flatMap(({ code }) => code ?? []);
    await expect
      .poll(() => rekindle.session({ site, account }))
      .toMatchObject({ status: 'valid', version: 1 });
    await worker.kill();
    return { result, codes };
  }

  const onePage: readonly (readonly [string, Hold])[] = [
    ['while it opens the page', { method: 'GET', path: '/otp/login/', when: 'before' }],
    ['before the site has looked at the code', { method: 'POST', path: '/otp/login/', when: 'before' }],
    ['after the site has used the code', { method: 'POST', path: '/otp/login/', when: 'after' }],
  ];
  test.each(onePage)('with password and code at once, killed %s', { timeout: 90_000 }, async (_, hold) => {
    const { codes, result } = await killedAt('one', `k${onePage.findIndex(([, one]) => one === hold)}`, hold);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes).toHaveLength(hold.method === 'POST' ? 2 : 1);
    expect(result.totpStep).not.toBeNull();
  });

  const code = { method: 'POST', path: LOGIN, field: 'token-otp_token' } as const;
  const password = { method: 'POST', path: LOGIN, field: 'auth-password' } as const;
  const twoPages: readonly (readonly [string, Hold, number])[] = [
    ['while it opens the page', { method: 'GET', path: LOGIN, when: 'before' }, 1],
    ['before the site has looked at the password', { ...password, when: 'before' }, 1],
    ['after the site has looked at the password', { ...password, when: 'after' }, 1],
    ['before the site has looked at the code', { ...code, when: 'before' }, 2],
    ['after the site has used the code', { ...code, when: 'after' }, 2],
    ['while it verifies', { method: 'GET', path: '/admin/', when: 'before' }, 1],
    ['after it was verified', { method: 'GET', path: '/admin/', when: 'after' }, 1],
  ];
  test.each(twoPages)(
    'with the code on a page of its own, killed %s',
    { timeout: 90_000 },
    async (_, hold, sent) => {
      const { codes } = await killedAt('two', `k${twoPages.findIndex(([, one]) => one === hold)}`, hold);
      expect(new Set(codes).size).toBe(codes.length);
      expect(codes).toHaveLength(sent);
    },
  );

  test.each(['before', 'after'] as const)(
    'that hands its session over is killed %s that was done: the session is there, and the code was sent once',
    { timeout: 90_000 },
    async (when) => {
      await delay(PERIOD_MS - (Date.now() % PERIOD_MS));
      const { client } = engine().connected;
      const { config } = engine();
      const rekindle = new RekindleClient(client, config);
      const name = { site: 'two', account: `saved-${when}` };
      const first = startChild(new URL('./saving-worker-child.ts', import.meta.url), [
        JSON.stringify({ config, when }),
      ]);
      await first.next();
      // No child of a session's workflow: it has to hand over what it got, as a login does that was recovered.
      const login = await client.workflow.start('login', {
        workflowId: loginTaskId(name),
        taskQueue: config.taskQueue,
        args: [{ task: { ...name, credentials: bench.credentials('quick', { totp: true }) } }],
      });
      expect(await first.next()).toEqual({ saving: when });
      await first.kill();
      const second = await workerProcess();
      await login.result();
      await expect.poll(() => rekindle.session(name), { timeout: 10_000 }).toMatchObject({ status: 'valid' });
      expect((await rekindle.session(name)).version).toBe(when === 'before' ? 1 : 2);
      const codes = bench
        .site()
        .visits()
        .flatMap(({ code }) => code ?? []);
      expect(codes).toHaveLength(1);
      await second.kill();
    },
  );

  const none = browser === undefined ? ' (skipped: no Chromium is installed)' : '';
  test.skipIf(browser === undefined)(
    `in a browser, killed after the site has used the code${none}`,
    { timeout: 120_000 },
    async () => {
      bench.describe('browser', {
        ...twoFactorSite(bench.site().url),
        kind: 'browser',
        totp: { period: PERIOD_MS / 1000 },
      });
      const { codes } = await killedAt('browser', 'k0', { ...code, when: 'after' });
      expect([codes.length, new Set(codes).size]).toEqual([2, 2]);
    },
  );

  test('killed three times with a code on its way still sends each once', { timeout: 120_000 }, async () => {
    const used: Hold = { ...code, when: 'after' };
    const { codes } = await killedAt('two', 'again', used, { ...code, when: 'before' }, used);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes).toHaveLength(4);
  });
});
