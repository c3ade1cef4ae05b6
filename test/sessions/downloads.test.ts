/** Downloads that need a session, with a real engine and a real site; only the login is the test's own. */
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TaskHandle } from '../../src/client/task-handle.ts';
import { failureOfCode } from '../../src/domain/failure-of-code.ts';
import type { VideoDownloadResult } from '../../src/domain/video-download.ts';
import { getSession } from '../../src/mirror/index.ts';
import { startLogin } from '../../src/sessions/session-client.ts';
import { MIB, sha256Of, untilTask } from '../support/downloads.ts';
import { contentSha256 } from '../support/misbehaving-server.ts';
import { SessionSite } from '../support/session-site.ts';
import { tempDir } from '../support/temp-dir.ts';
import { suiteSessions } from './bench.ts';

const bench = suiteSessions();
const PATIENCE = { timeout: 20_000, interval: 50 };
const SMALL = 2000;

let count = 0;
/** A session that no other test has. */
function name() {
  count += 1;
  return { site: 'site', account: `account-${count}` };
}
const text = ({ site, account }: { site: string; account: string }) => `${site}/${account}`;

function start(session: string, path: string, size = SMALL): Promise<TaskHandle<VideoDownloadResult>> {
  const { rekindle, site } = bench();
  return rekindle.download({ url: site.url(path, size), to: tempDir(), session });
}

const failureOf = async (task: TaskHandle) =>
  await task.wait().then(
    () => null,
    (error: { failure: unknown }) => error.failure,
  );

describe('a download with a session', () => {
  test('logs in when there is none, and uses what is there from then on', async () => {
    const { site, view } = bench();
    const session = name();
    const first = await (await start(text(session), '/a')).wait();
    expect(readFileSync(first.path).length).toBe(SMALL);
    await (await start(text(session), '/b')).wait();
    expect(site.logins).toBe(1);
    expect(await view(session)).toMatchObject({ status: 'valid', version: 1, waiting: 0, last_error: null });
  });

  test('of which 100 need one expired session at once causes exactly one login', {
    timeout: 120_000,
  }, async () => {
    const { site, view } = bench();
    const session = name();
    site.lifetimeMs = 400;
    await (await start(text(session), '/first')).wait();
    await expect.poll(async () => (await view(session)).status, PATIENCE).toBe('expired');
    const before = site.logins;
    site.lifetimeMs = null;
    site.loginTakesMs = 700;
    const tasks = await Promise.all(Array.from({ length: 100 }, (_, i) => start(text(session), `/${i}`)));
    await Promise.all(tasks.map((task) => task.wait()));
    expect(site.logins - before).toBe(1);
    expect(await view(session)).toMatchObject({ status: 'valid', version: before + 1, waiting: 0 });
  });

  test('that is refused in the middle logs in once, and goes on from its checkpoint', {
    timeout: 60_000,
  }, async () => {
    const { site, view } = bench();
    const session = name();
    const size = 12 * MIB;
    site.bytesPerSecond = 4 * MIB;
    const task = await start(text(session), '/long', size);
    await expect.poll(() => site.bytesSent > 5 * MIB, PATIENCE).toBe(true);
    site.endSessions();
    site.bytesPerSecond = Number.POSITIVE_INFINITY;
    const result = await task.wait();
    expect(sha256Of(result.path)).toBe(contentSha256(1, size));
    expect([site.logins, (await view(session)).version]).toEqual([2, 2]);
    expect(result.bytesFetched).toBe(size);
    // What the site had sent and nobody had read when it cut the connections is all that was sent twice.
    expect(site.bytesSent).toBeLessThan(size + 3 * MIB);
    expect((await task.show()).view.retry_count).toBeLessThan(5);
  });

  test.each([403, 'login page', 'login page with 200'] as const)(
    'understands it as a refusal when the site answers with: %s',
    async (refusal) => {
      const { site } = bench();
      const session = name();
      site.refusal = refusal;
      await (await start(text(session), '/a')).wait();
      site.endSessions();
      const result = await (await start(text(session), '/b')).wait();
      expect(readFileSync(result.path).length).toBe(SMALL);
      expect(site.logins).toBe(2);
    },
  );

  test('that gets the login page in the middle, with status 200, logs in once and loses no byte', {
    timeout: 60_000,
  }, async () => {
    const { site, view } = bench();
    const session = name();
    const size = 12 * MIB;
    site.refusal = 'login page with 200';
    site.bytesPerSecond = 4 * MIB;
    const task = await start(text(session), '/long', size);
    await expect.poll(() => site.bytesSent > 5 * MIB, PATIENCE).toBe(true);
    site.endSessions();
    site.bytesPerSecond = Number.POSITIVE_INFINITY;
    const result = await task.wait();
    expect(sha256Of(result.path)).toBe(contentSha256(1, size));
    expect([site.logins, (await view(session)).version]).toEqual([2, 2]);
    expect([result.bytesFetched, result.restarts]).toEqual([size, 0]);
  });

  test('that gets the login page from a fresh session too fails, and leaves no file', async () => {
    const { site } = bench();
    const session = name();
    site.refusal = 'login page with 200';
    site.closed = true;
    const failure = await failureOf(await start(text(session), '/a'));
    expect(failure).toMatchObject({
      errorType: 'SESSION_REFUSED',
      message: expect.stringContaining('is a login page by the sign session.expired.0'),
    });
    expect(site.logins).toBe(2);
  });

  test('that is refused with a fresh session too fails, without another login', async () => {
    const { site } = bench();
    const session = name();
    site.closed = true;
    const failure = await failureOf(await start(text(session), '/a'));
    expect(failure).toMatchObject({ errorType: 'SESSION_REFUSED', category: 'unrecoverable_config' });
    expect(site.logins).toBe(2);
  });

  test('shows the session to its own site only, also after a redirect', async () => {
    const { site } = bench();
    const session = name();
    const foreign = await SessionSite.start();
    onTestFinished(() => foreign.close());
    site.elsewhere = foreign.origin;
    const failure = await failureOf(await start(text(session), '/away', MIB));
    // Another's refusal says nothing about our session.
    expect(failure).toMatchObject({ errorType: 'HttpStatusError' });
    expect(site.logins).toBe(1);
    expect(site.requests.some(({ headers }) => headers.cookie && headers['x-api-key'])).toBe(true);
    expect(foreign.requests.length).toBeGreaterThan(0);
    for (const { headers } of foreign.requests)
      expect([headers.cookie, headers['x-api-key'], headers.authorization]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
  });

  test('logs in anew when the session was revoked', async () => {
    const { site, rekindle, view } = bench();
    const session = name();
    await (await start(text(session), '/a')).wait();
    expect((await rekindle.revokeSession(session)).status).toBe('revoked');
    await (await start(text(session), '/b')).wait();
    expect([site.logins, (await view(session)).version]).toEqual([2, 2]);
  });
});

describe('a login that needs a person', () => {
  test('makes all tasks wait, and one answer lets all of them go on', { timeout: 90_000 }, async () => {
    const { site, plan, view, rekindle } = bench();
    const session = name();
    plan({ person: 'enter the code of the text message' });
    const tasks = await Promise.all(Array.from({ length: 12 }, (_, i) => start(text(session), `/${i}`)));
    await expect
      .poll(() => view(session).catch(() => null), PATIENCE)
      .toMatchObject({
        status: 'needs_person',
        what_to_do: 'enter the code of the text message',
      });
    for (const task of tasks) {
      const { live } = await untilTask(task, (seen) =>
        (seen.live?.lastFailure ?? '').includes('enter the code'),
      );
      expect(live?.step).toBe('probe');
    }
    expect(site.logins).toBe(0);
    expect(await rekindle.answerLogin(session, '123456')).toEqual({ accepted: true, triesLeft: 0 });
    const results = await Promise.all(tasks.map((task) => task.wait()));
    expect(site.logins).toBe(1);
    // Waiting is no failure.
    expect(results.map(({ retries }) => retries)).toEqual(tasks.map(() => 0));
  });

  test('that nobody can help by an answer makes them wait for the next login', {
    timeout: 60_000,
  }, async () => {
    const { plan, view, client, config } = bench();
    const session = name();
    const failure = {
      ...failureOfCode('LOGIN_BLOCKED', 'the site shows a captcha', null),
      hint: 'solve it in a browser',
    };
    plan({ failure });
    const task = await start(text(session), '/a');
    await expect
      .poll(() => view(session).catch(() => null), PATIENCE)
      .toMatchObject({
        status: 'needs_person',
        what_to_do: 'solve it in a browser',
      });
    await untilTask(task, ({ live }) => (live?.lastFailure ?? '').includes('solve it'));
    plan({});
    const { taskId } = await startLogin(client, config.taskQueue, session);
    expect(taskId).toBe(`login-${session.site}-${session.account}`);
    await task.wait();
    expect(await view(session)).toMatchObject({ status: 'valid', what_to_do: null });
  });
});

describe('a login that fails for good', () => {
  test('fails all who wait with its own failure, and is not tried again until somebody says so', async () => {
    const { plan, view, client, config, rekindle } = bench();
    const session = name();
    const logins = async () => {
      const query = `WorkflowId = 'login-${session.site}-${session.account}'`;
      return (await client.workflow.count(query)).count;
    };
    plan({ failure: failureOfCode('LOGIN_REFUSED', 'the password is wrong', null) });
    const tasks = await Promise.all(Array.from({ length: 5 }, (_, i) => start(text(session), `/${i}`)));
    for (const task of tasks)
      expect(await failureOf(task)).toMatchObject({
        errorType: 'LOGIN_REFUSED',
        message: 'the password is wrong',
      });
    expect(await failureOf(await start(text(session), '/later'))).toMatchObject({
      errorType: 'LOGIN_REFUSED',
    });
    await expect.poll(logins, PATIENCE).toBe(1);
    expect(await view(session)).toMatchObject({ status: 'none', last_error: 'the password is wrong' });
    plan({});
    await rekindle.revokeSession(session);
    await (await start(text(session), '/again')).wait();
    await expect.poll(logins, PATIENCE).toBe(2);
    void config;
  });
});

test('what a session holds is nowhere to be seen', { timeout: 60_000 }, async () => {
  const { site, client, mirror, vault, rekindle } = bench();
  const session = name();
  const task = await start(text(session), '/a');
  await task.wait();
  const secret = /sid=([^;]+)/.exec(site.requests.at(-1)?.headers.cookie ?? '')?.[1] ?? '';
  expect(secret).toMatch(/^[\w-]{36}$/);
  const ids = [task.taskId, `session/${text(session)}`, `login-${session.site}-${session.account}`];
  for (const id of ids) {
    const history = JSON.stringify(await client.workflow.getHandle(id).fetchHistory());
    expect(history.length).toBeGreaterThan(1000);
    const plain = history + Buffer.from(history).toString('latin1') + decoded(history);
    expect([id, plain.includes(secret)]).toEqual([id, false]);
  }
  const row = await expect
    .poll(() => getSession(mirror.get(), `session/${text(session)}`), PATIENCE)
    .toMatchObject({ session_type: 'login', status: 'valid', user_id: text(session) })
    .then(() => getSession(mirror.get(), `session/${text(session)}`));
  expect(JSON.stringify(row)).not.toContain(secret);
  const { key_id, sealed } = (row?.data ?? {}) as { key_id: string; sealed: string };
  // The key, and nothing else, opens it.
  const data = vault.unsealSession(session, { keyId: key_id, sealed });
  expect(JSON.stringify(data)).toContain(secret);
  expect(() => vault.unsealSession({ ...session, site: 'other' }, { keyId: key_id, sealed })).toThrow();
  expect(JSON.stringify([await rekindle.sessions(), await task.show()])).not.toContain(secret);
});

/** Everything in it that is base64, as text. */
function decoded(text: string): string {
  return [...text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)]
    .map(([found]) => Buffer.from(found, 'base64').toString('latin1'))
    .join('\n');
}
