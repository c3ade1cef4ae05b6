import { createServer, type Socket } from 'node:net';
import { Client, type Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { expect, onTestFinished, test } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/domain/task-state.ts';
import { connect, connectionSettings } from '../../src/engine/connect.ts';
import { ensureEngine } from '../../src/engine/ensure-engine.ts';
import { prepareNamespace } from '../../src/engine/prepare-namespace.ts';
import { suiteEngine, testConfig } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const suite = suiteEngine();

test('a server of somebody else is used as it is, and never stopped', async () => {
  const { engine } = suite();
  const temporal = { address: engine.address, apiKey: undefined, tls: false, metadata: {} };
  const config = testConfig(tempDir(), { temporal });
  const external = await ensureEngine(config);
  expect(external).toMatchObject({ address: engine.address, embedded: false, started: false, pid: null });
  const connected = await connect(config, external);
  const info = await connected.connection.workflowService.getSystemInfo({});
  expect(info.serverVersion).toMatch(/^1\./);
  await connected.close();
  expect(await external.release()).toBe('external');
});

test('TLS, API key and metadata of the configuration reach client and worker alike', () => {
  const tls = { serverNameOverride: 'temporal.example' };
  const temporal = { address: 'temporal.example:7233', apiKey: 'key', tls, metadata: { team: 'a' } };
  const config = testConfig(tempDir(), { temporal });
  expect(connectionSettings(config, { address: temporal.address })).toEqual(temporal);
});

test('an address where nothing listens is a clear error within seconds', async () => {
  const config = testConfig(tempDir());
  const start = performance.now();
  const connecting = connect(config, { address: '127.0.0.1:1', namespace: 'default' }, { timeoutMs: 500 });
  await expect(connecting).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining('the Temporal server at 127.0.0.1:1 cannot be reached'),
    facts: { address: '127.0.0.1:1' },
  });
  expect(performance.now() - start).toBeLessThan(5000);
});

test('a server that accepts and never answers is a clear error within seconds', async () => {
  const sockets: Socket[] = [];
  const mute = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
  await new Promise((resolve) => mute.once('listening', resolve));
  const { port } = mute.address() as { port: number };
  const config = testConfig(tempDir());
  const connecting = connect(
    config,
    { address: `127.0.0.1:${port}`, namespace: 'default' },
    { timeoutMs: 500 },
  );
  await expect(connecting).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
});

test('a call that is cut off by closing fails, and nothing is thrown elsewhere', async () => {
  const { config, engine, connected } = suite();
  const handle = await connected.client.workflow.start('anything', {
    workflowId: 'cut off',
    taskQueue: 'nobody',
  });
  const other = await connect(config, engine);
  const waiting = other.client.workflow.getHandle(handle.workflowId).result();
  const outcome = expect(waiting).rejects.toThrow();
  // The poll is under way when a second call has been answered.
  await other.client.workflow.getHandle(handle.workflowId).describe();
  await other.close();
  await outcome;
});

const DAY = 86_400_000;

test('the namespace of a new engine has its search attributes and retention, and preparing it again changes nothing', async () => {
  const { connected, config } = suite();
  const needs = { namespace: 'default', retentionMs: config.engine.retentionMs, create: true };
  const right = { created: false, addedAttributes: [], retentionRaised: false, warnings: [] };
  expect(await prepareNamespace(connected.connection, needs)).toEqual(right);
  const { config: set } = await connected.connection.workflowService.describeNamespace({
    namespace: 'default',
  });
  expect(Number(set?.workflowExecutionRetentionTtl?.seconds)).toBe((30 * DAY) / 1000);
});

test('retention is raised when it is too short and never lowered', async () => {
  const { connection } = suite().connected;
  const needs = { namespace: 'raised', retentionMs: 9 * DAY, create: true };
  expect(await prepareNamespace(connection, needs)).toMatchObject({ created: true });
  expect(await prepareNamespace(connection, { ...needs, retentionMs: 20 * DAY })).toMatchObject({
    retentionRaised: true,
  });
  expect(await prepareNamespace(connection, needs)).toMatchObject({ retentionRaised: false });
  const { config } = await connection.workflowService.describeNamespace({ namespace: 'raised' });
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe((20 * DAY) / 1000);
});

test('a missing namespace is made on our own server only', async () => {
  const { connection } = suite().connected;
  const needs = { namespace: 'made', retentionMs: 9 * DAY, create: false };
  await expect(prepareNamespace(connection, needs)).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining('no namespace made'),
    hint: expect.stringContaining('temporal operator namespace create'),
  });
  const outcome = await prepareNamespace(connection, { ...needs, create: true });
  expect(outcome.created).toBe(true);
  expect([...outcome.addedAttributes].sort()).toEqual([
    'FailureCategory',
    'Fingerprint',
    'RecoveryAttempts',
    'TaskStatus',
    'TaskType',
    'TaskUpdatedAt',
  ]);
  const attributes = Object.keys(SEARCH_ATTRIBUTES).map((name) => `${name} IS NULL`);
  const made = new Client({ connection, namespace: 'made' });
  const { count } = await made.workflow.count(attributes.join(' AND '));
  expect(count).toBe(0);
  const { workflowId } = await made.workflow.start('anything', {
    workflowId: 'at once',
    taskQueue: 'nobody',
    typedSearchAttributes: [
      { key: defineSearchAttributeKey('TaskType', SearchAttributeType.KEYWORD), value: 'any' },
    ],
  });
  expect(workflowId).toBe('at once');
});

test('search attributes that the server needs a moment for are waited for', async () => {
  let asked = 0;
  const notYet = Object.assign(new Error('3 INVALID_ARGUMENT'), { code: 3 });
  const connection = {
    workflowService: {
      describeNamespace: async () => ({ config: { workflowExecutionRetentionTtl: msToTs(9 * DAY) } }),
      countWorkflowExecutions: async () => {
        asked += 1;
        if (asked < 4) throw notYet;
      },
    },
    operatorService: {
      listSearchAttributes: async () => ({ customAttributes: {} }),
      addSearchAttributes: async () => undefined,
    },
  } as unknown as Connection;
  await prepareNamespace(connection, { namespace: 'slow', retentionMs: 9 * DAY, create: false });
  expect(asked).toBe(4);
});

test('a search attribute of another type is named, and nothing is changed', async () => {
  const { connection } = suite().connected;
  await connection.workflowService.registerNamespace({
    namespace: 'odd',
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never, nanos: 0 },
  });
  await connection.operatorService.addSearchAttributes({
    namespace: 'odd',
    searchAttributes: { TaskStatus: 3 },
  });
  await expect(
    prepareNamespace(connection, { namespace: 'odd', retentionMs: DAY, create: false }),
  ).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining('TaskStatus (needed: KEYWORD)'),
  });
});

test('a workflow task that dies with its worker holds its workflow up for 3 s, not 10', async () => {
  const { client } = suite().connected;
  const handle = await client.workflow.start('anything', { workflowId: 'timeouts', taskQueue: 'nobody' });
  const { events } = await handle.fetchHistory();
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  expect(Number(started?.workflowTaskTimeout?.seconds)).toBe(3);
});

/** A cluster on which one may use a namespace and nothing else. */
function withoutRights(attributes: Record<string, number> | 'hidden'): Connection {
  const denied = async () => {
    throw Object.assign(new Error('7 PERMISSION_DENIED: no'), { code: 7, details: 'no' });
  };
  return {
    workflowService: { describeNamespace: denied, updateNamespace: denied },
    operatorService: {
      listSearchAttributes: attributes === 'hidden' ? denied : async () => ({ customAttributes: attributes }),
      addSearchAttributes: denied,
    },
  } as unknown as Connection;
}

test('without rights rekindle goes on when the search attributes are there or cannot be seen, and says what it could not do', async () => {
  const needs = { namespace: 'theirs', retentionMs: 9 * DAY, create: false };
  const all = {
    TaskType: 2,
    TaskStatus: 2,
    FailureCategory: 2,
    Fingerprint: 2,
    RecoveryAttempts: 3,
    TaskUpdatedAt: 6,
  };
  const there = await prepareNamespace(withoutRights(all), needs);
  expect(there.warnings).toEqual([
    expect.stringContaining('retention of namespace theirs could not be raised to 9 days'),
  ]);
  const hidden = await prepareNamespace(withoutRights('hidden'), needs);
  expect(hidden.warnings).toContainEqual(expect.stringContaining('could not be looked at'));
});

test('without rights and without search attributes the error tells the command that creates them', async () => {
  const needs = { namespace: 'theirs', retentionMs: 9 * DAY, create: false };
  await expect(prepareNamespace(withoutRights({ TaskType: 2 }), needs)).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining('lacks the search attributes TaskStatus'),
    hint: expect.stringContaining(
      'temporal operator search-attribute create --namespace theirs --name TaskStatus',
    ),
  });
});
