/** The workflow of a session alone: what it answers, and what it survives. */
import type { Client } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { failureOfCode } from '../../src/domain/failure-of-code.ts';
import {
  type AcquireAnswer,
  LOGIN_WAITS_SIGNAL,
  SESSION_SAVED_SIGNAL,
  SESSION_WORKFLOW,
  type SessionName,
  sessionWorkflowId,
} from '../../src/domain/session.ts';
import { acquireSession, saveSession, startLogin } from '../../src/sessions/session-client.ts';
import { startChild } from '../support/child.ts';
import { loggedIn } from '../support/session-site.ts';
import { suiteSessions } from './bench.ts';

const bench = suiteSessions();
const PATIENCE = { timeout: 20_000, interval: 50 };

let count = 0;
const name = (): SessionName => {
  count += 1;
  return { site: 'entity', account: `account-${count}` };
};

const acquire = (
  session: SessionName,
  more: { rejectedVersion?: number; minValidMs?: number; waitMs?: number; untrusted?: boolean } = {},
) =>
  acquireSession(bench().client, bench().config.taskQueue, session, {
    minValidMs: 0,
    waitMs: 10_000,
    ...more,
  });

/** As those do who need it: asks again while it is not there. */
async function acquired(session: SessionName, more: { rejectedVersion?: number } = {}): Promise<unknown> {
  for (;;) {
    const answer = await acquire(session, more);
    if (answer.state !== 'waiting') return versionOf(answer);
  }
}

const versionOf = (answer: AcquireAnswer) => (answer.state === 'valid' ? answer.version : answer);

async function runsOf(client: Client, id: string): Promise<string[]> {
  const runs: string[] = [];
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${id}'` })) runs.unshift(runId);
  return runs;
}

describe('a session', () => {
  test('refused by several with the same version is renewed once for all of them', async () => {
    const { site } = bench();
    const session = name();
    expect(versionOf(await acquire(session))).toBe(1);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => acquire(session, { rejectedVersion: 1 })),
    );
    expect(answers.map(versionOf)).toEqual(answers.map(() => 2));
    expect(site.logins).toBe(2);
    // Who comes late with the old one gets the new one.
    expect(versionOf(await acquire(session, { rejectedVersion: 1 }))).toBe(2);
    expect(site.logins).toBe(2);
  });

  test('is given to more at once than a server lets in', { timeout: 60_000 }, async () => {
    const { site } = bench();
    const session = name();
    const answers = await Promise.all(Array.from({ length: 40 }, () => acquired(session)));
    expect(answers).toEqual(answers.map(() => 1));
    expect(site.loginsOf(session.account)).toBe(1);
  });

  test('is renewed ahead of its end while it is used, and not when nobody needs it', {
    timeout: 40_000,
  }, async () => {
    const { site, view } = bench();
    const [used, unused] = [name(), name()];
    site.lifetimeMs = 3000;
    await acquire(unused);
    await acquire(used);
    const first = await acquire(used);
    const ends = first.state === 'valid' ? (first.session.expiresAtMs ?? 0) : 0;
    await expect.poll(async () => (await view(used)).version, PATIENCE).toBe(2);
    expect(Date.now()).toBeLessThan(ends + 500);
    await expect.poll(async () => (await view(unused)).status, PATIENCE).toBe('expired');
    expect((await view(unused)).version).toBe(1);
    expect(site.logins).toBe(3);
  });

  test('that needed a person is not renewed by itself: people are asked when somebody needs it', {
    timeout: 40_000,
  }, async () => {
    const { client, plan, site, view } = bench();
    const session = name();
    site.lifetimeMs = 2000;
    plan({ person: 'enter the code' });
    const asked = acquire(session);
    await expect
      .poll(async () => (await view(session).catch(() => null))?.status, PATIENCE)
      .toBe('needs_person');
    await client.workflow.getHandle(`login-${session.site}-${session.account}`).executeUpdate('answer');
    await asked;
    expect(await acquired(session)).toBe(1);
    await expect.poll(async () => (await view(session)).status, PATIENCE).toBe('expired');
    expect(site.loginsOf(session.account)).toBe(1);
  });

  test('that is good for less than is wanted is renewed, but not again and again', async () => {
    const { site } = bench();
    const session = name();
    site.lifetimeMs = 60_000;
    expect(versionOf(await acquire(session, { minValidMs: 120_000 }))).toBe(1);
    expect(versionOf(await acquire(session, { minValidMs: 120_000 }))).toBe(1);
    expect(site.logins).toBe(1);
  });

  test('that a site refuses again and again right after logins is not logged in to for ever', {
    timeout: 60_000,
  }, async () => {
    const { site } = bench();
    const session = name();
    let version = versionOf(await acquire(session)) as number;
    for (let i = 0; i < 10; i += 1)
      version = versionOf(await acquire(session, { rejectedVersion: version })) as number;
    const answer = await acquire(session, { rejectedVersion: version });
    expect(answer).toMatchObject({ state: 'failed', failure: { errorType: 'SESSION_REFUSED' } });
    expect(site.logins).toBe(11);
  });

  test('whose login failed for now holds off for a while, then tries again', {
    timeout: 40_000,
  }, async () => {
    const { plan, site } = bench();
    const session = name();
    plan({ failure: failureOfCode('CONNECTION_LOST', 'the site is down', null) });
    expect(await acquire(session)).toMatchObject({
      state: 'failed',
      failure: { message: 'the site is down' },
    });
    plan({});
    expect(await acquire(session)).toMatchObject({ state: 'failed' });
    expect(site.logins).toBe(0);
    const patience = { timeout: 25_000, interval: 1000 };
    await expect.poll(async () => versionOf(await acquire(session)), patience).toBe(1);
  });

  test('takes what a login hands over that runs by itself, and nothing that is older', async () => {
    const { client, config, site, vault, view } = bench();
    const session = name();
    const data = await loggedIn(site.origin, session, null);
    const saved = { sealed: vault.sealSession(data), obtainedAtMs: data.obtainedAtMs, expiresAtMs: null };
    await saveSession(client, config.taskQueue, session, saved);
    expect(versionOf(await acquire(session))).toBe(1);
    expect(site.logins).toBe(1);
    await saveSession(client, config.taskQueue, session, {
      ...saved,
      obtainedAtMs: data.obtainedAtMs - 1000,
    });
    expect((await view(session)).version).toBe(1);
  });

  test('waits for a login that somebody else had started', { timeout: 40_000 }, async () => {
    const { client, config, site, vault, view } = bench();
    const session = name();
    bench().plan({ person: 'wait' });
    const login = await client.workflow.start('login', {
      workflowId: `login-${session.site}-${session.account}`,
      taskQueue: config.taskQueue,
      args: [{ task: session }],
    });
    const asked = acquire(session, { waitMs: 20_000 });
    await expect.poll(() => view(session).catch(() => null)).toMatchObject({ waiting: 1 });
    const data = await loggedIn(site.origin, session, null);
    await saveSession(client, config.taskQueue, session, {
      sealed: vault.sealSession(data),
      obtainedAtMs: data.obtainedAtMs,
      expiresAtMs: null,
    });
    expect(versionOf(await asked)).toBe(1);
    await login.terminate();
  });

  test('minds no signals that make no sense', async () => {
    const { client, view } = bench();
    const session = name();
    await acquire(session);
    const handle = client.workflow.getHandle(sessionWorkflowId(session));
    for (const nonsense of [null, 1, 'x', {}, { sealed: 'x' }, { what: 1 }]) {
      await handle.signal(SESSION_SAVED_SIGNAL, nonsense);
      await handle.signal(LOGIN_WAITS_SIGNAL, nonsense);
    }
    expect(await view(session)).toMatchObject({ status: 'valid', version: 1 });
  });

  test('remembers where the secrets of its account stand, for logins that come later', async () => {
    const { client, config } = bench();
    const session = name();
    const credentials = { user: 'me', password: 'env:PASSWORD_OF_ME' };
    const { taskId } = await startLogin(client, config.taskQueue, session, { credentials });
    await client.workflow.getHandle(taskId).result();
    await expect.poll(async () => versionOf(await acquire(session)), PATIENCE).toBe(1);
    expect(versionOf(await acquire(session, { rejectedVersion: 1 }))).toBe(2);
    const { events } = await client.workflow.getHandle(taskId).fetchHistory();
    const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(JSON.parse(Buffer.from(payload?.data ?? []).toString())).toEqual({
      task: { ...session, credentials },
    });
  });
});

test('a session goes on as a new run with all that it knew, while tasks ask for it', {
  timeout: 60_000,
}, async () => {
  const { client, config, site, view } = bench();
  const session = name();
  const id = sessionWorkflowId(session);
  await client.workflow.start(SESSION_WORKFLOW, {
    workflowId: id,
    taskQueue: config.taskQueue,
    args: [{ name: session, maxEvents: 40 }],
  });
  const versions = new Set<unknown>();
  for (let i = 0; i < 12; i += 1)
    for (const answer of await Promise.all([acquire(session), acquire(session), acquire(session)]))
      versions.add(versionOf(answer));
  expect([...versions]).toEqual([1]);
  expect(site.logins).toBe(1);
  await expect.poll(async () => (await runsOf(client, id)).length, PATIENCE).toBeGreaterThan(2);
  expect(await view(session)).toMatchObject({ status: 'valid', version: 1 });
  // Also when those who ask make it log in again and again.
  let version = 1;
  for (let i = 0; i < 5; i += 1) {
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => acquired(session, { rejectedVersion: version })),
    );
    version += 1;
    expect(answers).toEqual([version, version, version]);
  }
});

test('a worker that is killed while a login runs loses no session', { timeout: 60_000 }, async () => {
  const { client, config, engine, site } = bench();
  const session = { site: 'killed', account: 'killed-account' };
  const taskQueue = 'killed-workers';
  const child = () =>
    startChild(new URL('./worker-child.ts', import.meta.url), [
      JSON.stringify({ config: { ...config, taskQueue }, address: engine.address, origin: site.origin }),
    ]);
  const first = child();
  await first.next();
  const asked = acquireSession(client, taskQueue, session, { minValidMs: 0, waitMs: 40_000 });
  const login = client.workflow.getHandle('login-killed-killed-account');
  await expect
    .poll(
      async () => (await login.describe().catch(() => null))?.raw.pendingActivities?.[0]?.activityType?.name,
      PATIENCE,
    )
    .toBe('logIn');
  await first.kill();
  const second = child();
  await second.next();
  expect(versionOf(await asked)).toBe(1);
  expect(versionOf(await acquireSession(client, taskQueue, session, { minValidMs: 0, waitMs: 5000 }))).toBe(
    1,
  );
  expect(site.loginsOf('killed-account')).toBe(1);
});
