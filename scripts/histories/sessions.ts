/** Histories of sessions, for scripts/record-histories.ts: with a login of which each story says what it does. */
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type NativeConnection, Worker } from '@temporalio/worker';
import type { SessionActivities } from '../../src/activities/session-types.ts';
import { failureOfCode } from '../../src/domain/failure-of-code.ts';
import { MONITORING_QUEUE } from '../../src/domain/queues.ts';
import {
  LOGIN_UPDATE,
  loginTaskId,
  REVOKE_UPDATE,
  SESSION_STATE_QUERY,
  SESSION_WORKFLOW,
  type SessionName,
  type SessionView,
  sessionWorkflowId,
} from '../../src/domain/session.ts';
import { loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { acquireSession, saveSession } from '../../src/sessions/session-client.ts';
import type { FakeLogin, LoginPlan } from '../../test/sessions/fake-login.ts';

const QUEUE = 'recording-sessions';
const SEALED = { keyId: 'recorded', sealed: 'c2VhbGVk' };
const DAY_MS = 86_400_000;

let plan: LoginPlan = {};
let lifetimeMs = DAY_MS;
let mirrored = 0;

const logins: FakeLogin = {
  planLogin: async () => plan,
  async logIn({ site, account }) {
    const obtainedAtMs = Date.now();
    const expiresAtMs = obtainedAtMs + lifetimeMs;
    return { site, account, sealed: SEALED, obtainedAtMs, expiresAtMs, totpStep: 57_000_000, retries: 0 };
  },
};

/** Of which the first cannot be done. */
const mirror: SessionActivities = {
  async mirrorSession() {
    mirrored += 1;
    if (mirrored === 1) throw ApplicationFailure.nonRetryable('the mirror is locked');
  },
};

type Story = (client: Client, name: SessionName, handle: WorkflowHandle) => Promise<void>;

const ask = (client: Client, name: SessionName, rejectedVersion?: number) =>
  acquireSession(client, QUEUE, name, {
    minValidMs: 0,
    waitMs: 3000,
    ...(rejectedVersion === undefined ? {} : { rejectedVersion }),
  });

const STORIES: Readonly<Record<string, Story>> = {
  async 'refused-and-revoked'(client, name, handle) {
    await Promise.all([ask(client, name), ask(client, name), ask(client, name)]);
    await ask(client, name);
    await Promise.all([ask(client, name, 1), ask(client, name, 1)]);
    await handle.executeUpdate(REVOKE_UPDATE);
    await ask(client, name);
  },
  async 'waited-for-a-person'(client, name, handle) {
    plan = { person: 'enter the code' };
    await ask(client, name);
    await handle.executeUpdate(LOGIN_UPDATE, { args: [{}] });
    await client.workflow.getHandle(loginTaskId(name)).executeUpdate('answer');
    await ask(client, name);
  },
  async 'login-failed'(client, name, handle) {
    plan = { failure: failureOfCode('LOGIN_REFUSED', 'the password is wrong', null) };
    await ask(client, name);
    await ask(client, name);
    plan = { failure: failureOfCode('LOGIN_BLOCKED', 'the site shows a captcha', null) };
    const credentials = { user: 'anna', password: 'env:PASSWORD' };
    await handle.executeUpdate(LOGIN_UPDATE, { args: [{ credentials }] });
    await client.workflow
      .getHandle(loginTaskId(name))
      .result()
      .catch(() => undefined);
    await ask(client, name);
    plan = {};
    await handle.executeUpdate(LOGIN_UPDATE, { args: [{}] });
    await ask(client, name);
  },
  async 'renewed-ahead'(client, name, handle) {
    lifetimeMs = 1500;
    await ask(client, name);
    await ask(client, name);
    lifetimeMs = DAY_MS;
    while ((await handle.query<SessionView>(SESSION_STATE_QUERY)).version < 2) await delay(100);
  },
  async 'handed-over-and-gone-on'(client, name) {
    const login = await client.workflow.start('login', {
      workflowId: loginTaskId(name),
      taskQueue: QUEUE,
      args: [{ task: name }],
    });
    const asked = ask(client, name);
    await login.terminate();
    await saveSession(client, QUEUE, name, { sealed: SEALED, obtainedAtMs: Date.now(), expiresAtMs: null });
    await asked;
    for (let i = 1; i <= 8; i += 1) await ask(client, name, i);
  },
};

/** @param keep writes a history under a name. */
export async function recordSessions(
  client: Client,
  connection: NativeConnection,
  directory: string,
  keep: (name: string, handle: WorkflowHandle) => Promise<void>,
): Promise<void> {
  const sources = ['src/workflows', 'src/domain', 'test/sessions'].map((path) => resolve(path));
  const workflowBundle = await loadWorkflowBundle({
    entry: resolve('test/sessions/workflows.ts'),
    sources,
    target: join(directory, 'sessions.js'),
  });
  const common = { connection, identity: 'recorder' };
  const worker = await Worker.create({
    ...common,
    taskQueue: QUEUE,
    workflowBundle,
    activities: { ...logins },
  });
  const house = await Worker.create({
    ...common,
    taskQueue: MONITORING_QUEUE,
    activities: { ...mirror },
  });
  await house.runUntil(worker.runUntil(() => tell(client, keep)));
}

async function tell(client: Client, keep: Parameters<typeof recordSessions>[3]): Promise<void> {
  for (const [title, story] of Object.entries(STORIES)) {
    [plan, lifetimeMs] = [{}, DAY_MS];
    const name = { site: 'recorded', account: title };
    const workflowId = sessionWorkflowId(name);
    await client.workflow.start(SESSION_WORKFLOW, {
      workflowId,
      taskQueue: QUEUE,
      args: [{ name, ...(title.endsWith('gone-on') ? { maxEvents: 60 } : {}) }],
    });
    await story(client, name, client.workflow.getHandle(workflowId));
    // What the mirror is told comes last.
    await delay(500);
    const runs: string[] = [];
    for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
      runs.unshift(runId);
    for (const [i, runId] of runs.entries())
      await keep(
        runs.length > 1 ? `session-${title}-${i + 1}` : `session-${title}`,
        client.workflow.getHandle(workflowId, runId),
      );
  }
}
