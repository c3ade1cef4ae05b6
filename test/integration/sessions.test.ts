/** Downloads with sessions, logins and all, against Django. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { type LoginQuestion, QUESTION_QUERY } from '../../src/domain/login.ts';
import { readTotpSecret, totpCode, totpStepAt } from '../../src/sites/index.ts';
import { noDjango } from '../support/django-site.ts';
import { QUICK_RETRIES, untilTask } from '../support/downloads.ts';
import { PASSWORD, suiteLogins, TOTP_SECRET } from '../support/login-bench.ts';
import { suiteRekindle } from '../support/rekindle.ts';
import { tempDir } from '../support/temp-dir.ts';

const missing = noDjango();
const PATIENCE = { timeout: 30_000, interval: 100 };

describe.skipIf(missing !== null)(`downloads with sessions${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const bench = suiteLogins();
  const all = suiteRekindle({ ...QUICK_RETRIES, sitesDir: bench.sitesDir, locale: 'en' });
  let count = 0;
  const start = (session: string, path = '/lessons/') => {
    count += 1;
    const request = {
      url: `${bench.site().url}${path}?n=${count}`,
      to: tempDir(),
      name: `${count}.html`,
      session,
    };
    return all().rekindle.download(request);
  };
  const passwords = () =>
    bench
      .site()
      .visits()
      .filter(({ method, user }) => method === 'POST' && user !== null).length;
  /** As if their time were over. */
  const endSessions = () => {
    const database = new Database(join(bench.sitesDir, '..', 'django', 'site.sqlite3'));
    database.pragma('busy_timeout = 5000');
    database.exec('DELETE FROM django_session');
    database.close();
  };

  test('log in as the site’s description says, and again, once for all, when the site has ended the session', {
    timeout: 180_000,
  }, async () => {
    const { origin } = new URL(bench.site().url);
    expect(origin).toContain('localhost');
    const account = { ...bench.credentials('anna') };
    await (await all().rekindle.login({ site: 'admin', account: 'anna', ...account })).wait();
    const page = await (await start('admin/anna')).wait();
    expect(readFileSync(page.path, 'utf8')).toBe('<h1>Lessons of anna</h1>');
    expect(passwords()).toBe(1);
    endSessions();
    const tasks = await Promise.all(Array.from({ length: 20 }, () => start('admin/anna', '/admin/')));
    const pages = await Promise.all(tasks.map((task) => task.wait()));
    for (const { path } of pages) expect(readFileSync(path, 'utf8')).toContain('Site administration');
    expect(passwords()).toBe(2);
    expect(await all().rekindle.session({ site: 'admin', account: 'anna' })).toMatchObject({ version: 2 });
  });

  test('send a token to an API', { timeout: 60_000 }, async () => {
    await (await all().rekindle.login({ site: 'api', account: 'anna', ...bench.credentials('anna') })).wait();
    const answer = await (await start('api/anna', '/api/me/')).wait();
    expect(JSON.parse(readFileSync(answer.path, 'utf8'))).toEqual({ user: { name: 'anna' } });
  });

  test('wait all together for a person, who is told once and whose answer lets all go on', {
    timeout: 120_000,
  }, async () => {
    const { rekindle, connected } = all();
    const session = { site: 'person', account: 'tess' };
    const login = await rekindle.login({ ...session, ...bench.credentials('tess') });
    const tasks = await Promise.all(Array.from({ length: 5 }, () => start('person/tess')));
    await expect.poll(() => rekindle.session(session), PATIENCE).toMatchObject({ status: 'needs_person' });
    const question = () => login.handle().query<LoginQuestion | null>(QUESTION_QUERY);
    await expect.poll(question, PATIENCE).toMatchObject({ triesLeft: 3 });
    for (const task of tasks)
      await untilTask(task, ({ live }) =>
        (live?.lastFailure ?? '').includes('waiting for the session person/tess'),
      );
    const told: string[] = [];
    for await (const { workflowId } of connected.client.workflow.list({
      query: "WorkflowType = 'notificationGroup'",
    }))
      if (workflowId.includes('login_needed')) told.push(workflowId);
    expect(told.length).toBe(1);
    const { events } = await connected.client.workflow.getHandle(told[0] ?? '').fetchHistory();
    const signals = (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes);
    expect(signals.length).toBe(1);
    const usual = { period: 30, digits: 6, algorithm: 'sha1' as const };
    const { key } = readTotpSecret(TOTP_SECRET, usual);
    const code = totpCode(key, totpStepAt(Date.now(), usual), usual);
    expect(await rekindle.answerLogin(session, code)).toEqual({ accepted: true, triesLeft: 0 });
    await login.wait();
    const pages = await Promise.all(tasks.map((task) => task.wait()));
    for (const { path } of pages) expect(readFileSync(path, 'utf8')).toBe('<h1>Lessons of tess</h1>');
    expect(pages.map(({ retries }) => retries)).toEqual([0, 0, 0, 0, 0]);
    expect(passwords()).toBe(1);
  });

  test('fail with what the login says when the site does not know the account', {
    timeout: 60_000,
  }, async () => {
    const wrong = bench.credentials('anna', { password: 'wrong' });
    const login = await all().rekindle.login({ site: 'admin', account: 'wrong', ...wrong });
    await expect(login.wait()).rejects.toMatchObject({ failure: { errorType: 'LOGIN_REFUSED' } });
    const task = await start('admin/wrong');
    await expect(task.wait()).rejects.toMatchObject({ failure: { errorType: 'LOGIN_REFUSED' } });
    expect(passwords()).toBe(1);
    expect(JSON.stringify(await all().rekindle.sessions())).not.toContain(PASSWORD);
  });
});
