import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withResourceLock } from '../../src/client/resource-locks.ts';
import { RECOVERY_QUEUE } from '../../src/domain/queues.ts';
import { loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { acquireClusterLock, type ClusterWait, listClusterLocks } from '../../src/locks/cluster-lock.ts';
import { lockWorkflowId } from '../../src/locks/resource-name.ts';
import { rekindle } from '../cli/support/cli.ts';
import { startChild, type TestChild } from '../support/child.ts';
import { suiteEngine } from '../support/engine.ts';
import { quietRuntime } from '../support/quiet-runtime.ts';
import { tempDir } from '../support/temp-dir.ts';

const CHILD = new URL('./resource-child.ts', import.meta.url);
const PATIENCE_MS = 20_000;
const LEASE_MS = 3000;
const engine = suiteEngine();
const client = () => engine().connected.client;

let connection: NativeConnection;
let worker: { stop(): Promise<void> };

async function startWorker(): Promise<typeof worker> {
  const started = await Worker.create({
    connection,
    taskQueue: RECOVERY_QUEUE,
    workflowBundle: await loadWorkflowBundle(),
  });
  const done = started.run();
  return {
    async stop() {
      started.shutdown();
      await done;
    },
  };
}

beforeAll(async () => {
  quietRuntime();
  connection = await NativeConnection.connect({ address: engine().engine.address });
  worker = await startWorker();
});
afterAll(async () => {
  await worker?.stop();
  await connection?.close();
});

const acquire = (name: string, wait: ClusterWait = {}) => acquireClusterLock(client(), name, wait);
const runOf = async (name: string) => client().workflow.getHandle(lockWorkflowId(name)).describe();
const viewOf = async (name: string) => (await listClusterLocks(client())).find((lock) => lock.name === name);

/** Another process, with the name of another host. */
function other(name: string, host: string): TestChild {
  return startChild(CHILD, ['cluster', engine().engine.address, name, host, String(LEASE_MS)]);
}

async function waiting(name: string, count: number): Promise<void> {
  await expect.poll(() => viewOf(name), { timeout: PATIENCE_MS }).toMatchObject({ waiting: count });
}

test('is given to one at a time, in the order in which they came', { timeout: 60_000 }, async () => {
  const first = await acquire('in-order', { purpose: 'the first' });
  const order: number[] = [];
  let inside = 0;
  const users: Promise<void>[] = [];
  for (let i = 1; i <= 6; i += 1) {
    users.push(
      acquire('in-order').then(async (lock) => {
        inside += 1;
        expect(inside).toBe(1);
        order.push(i);
        await delay(5);
        inside -= 1;
        await lock.release();
      }),
    );
    await waiting('in-order', i);
  }
  expect(await viewOf('in-order')).toMatchObject({
    scope: 'cluster',
    holder: { pid: process.pid, purpose: 'the first' },
  });
  await first.release();
  await Promise.all(users);
  expect(order).toEqual([1, 2, 3, 4, 5, 6]);
});

test('four processes that count to 80 together don’t lose one', { timeout: 60_000 }, async () => {
  const file = join(tempDir(), 'number');
  writeFileSync(file, '0');
  const { address } = engine().engine;
  const children = Array.from({ length: 4 }, () =>
    startChild(CHILD, ['cluster-count', address, 'number', file, '20']),
  );
  for (const child of children) expect(await child.next()).toEqual({ done: true });
  expect(readFileSync(file, 'utf8')).toBe('80');
});

test('a holder on another host that dies loses it with its lease', { timeout: 60_000 }, async () => {
  const a = other('two-hosts', 'host-a');
  await a.next();
  const b = other('two-hosts', 'host-b');
  await waiting('two-hosts', 1);
  expect(await viewOf('two-hosts')).toMatchObject({
    holder: { host: 'host-a', pid: a.pid, purpose: 'child' },
  });
  // Renewed: it lasts longer than one lease.
  await delay(LEASE_MS * 1.5);
  expect(await viewOf('two-hosts')).toMatchObject({ holder: { host: 'host-a' }, waiting: 1 });
  await a.kill();
  const killedAt = Date.now();
  const { at } = await b.next<{ at: number }>();
  expect(at - killedAt).toBeLessThan(LEASE_MS + 2000);
  expect(await viewOf('two-hosts')).toMatchObject({ holder: { host: 'host-b' }, waiting: 0 });
  b.say('release');
  expect(await b.next()).toEqual({ released: true });
});

test('a holder that was stopped for too long finds that it has lost it', { timeout: 60_000 }, async () => {
  const a = other('stopped', 'host-a');
  await a.next();
  process.kill(a.pid, 'SIGSTOP');
  const lock = await acquire('stopped', { leaseMs: LEASE_MS });
  process.kill(a.pid, 'SIGCONT');
  expect(await a.next()).toMatchObject({ lost: 'RESOURCE_LOST' });
  await delay(200);
  expect(lock.lost.aborted).toBe(false);
  expect(await viewOf('stopped')).toMatchObject({ holder: { pid: process.pid } });
  await lock.release();
});

test('one who waits and dies does not get in the way', { timeout: 60_000 }, async () => {
  const lock = await acquire('dead-waiter');
  const a = other('dead-waiter', 'host-a');
  await waiting('dead-waiter', 1);
  await a.kill();
  await lock.release();
  const next = await acquire('dead-waiter');
  await next.release();
});

test('when the time is over the error says who holds it', async () => {
  const lock = await acquire('busy', { host: 'host-x', purpose: 'a backup' });
  for (const timeoutMs of [0, 200])
    await expect(acquire('busy', { timeoutMs })).rejects.toMatchObject({
      code: 'RESOURCE_BUSY',
      message: expect.stringContaining(`process ${process.pid} on host-x (a backup) holds it since 20`),
      facts: { waiting: 0 },
    });
  await waiting('busy', 0);
  await lock.release();
});

test('waiting ends when it is aborted, and leaves the line', async () => {
  const lock = await acquire('aborted');
  const abort = new AbortController();
  const acquiring = acquire('aborted', { signal: abort.signal });
  acquiring.catch(() => undefined);
  await waiting('aborted', 1);
  abort.abort(new Error('changed my mind'));
  await expect(acquiring).rejects.toThrow('changed my mind');
  await waiting('aborted', 0);
  await lock.release();
});

test('outlives a restart of the worker', { timeout: 60_000 }, async () => {
  const lock = await acquire('restart', { leaseMs: 6000 });
  const acquiring = acquire('restart', { timeoutMs: 30_000 });
  await waiting('restart', 1);
  await worker.stop();
  await delay(1000);
  worker = await startWorker();
  await delay(6000);
  expect(lock.lost.aborted).toBe(false);
  await lock.release();
  await (await acquiring).release();
});

test('goes on as a new run when its history is long, with its holder and its line', {
  timeout: 60_000,
}, async () => {
  const wait = { leaseMs: 1500, maxEvents: 60, timeoutMs: 60_000 };
  const lock = await acquire('long', wait);
  const { runId } = await runOf('long');
  const second = acquire('long', wait);
  await waiting('long', 1);
  await expect.poll(async () => (await runOf('long')).runId, { timeout: PATIENCE_MS }).not.toBe(runId);
  expect(lock.lost.aborted).toBe(false);
  expect(await viewOf('long')).toMatchObject({ holder: { pid: process.pid }, waiting: 1 });
  await lock.release();
  const next = await second;
  for (let i = 0; i < 30; i += 1) await (i === 0 ? next.release() : (await acquire('long', wait)).release());
});

test('its workflow ends when nobody wants it any more, and others may come at that very moment', {
  timeout: 60_000,
}, async () => {
  const lock = await acquire('ends');
  const details = () =>
    client()
      .workflow.getHandle(lockWorkflowId('ends'))
      .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  expect(await details()).toMatchObject({
    currentDetails: expect.stringMatching(new RegExp(`held by process ${process.pid} on .* since 20`)),
  });
  await lock.release();
  expect(await viewOf('ends')).toBeUndefined();
  await expect
    .poll(async () => (await runOf('ends')).status.name, { timeout: PATIENCE_MS })
    .toBe('COMPLETED');
  const end = (await runOf('ends')).closeTime?.getTime() ?? 0;
  expect(end).toBeGreaterThan(0);
  // Around the end of the next ones.
  const users = Array.from({ length: 12 }, async (_, i) => {
    await (await acquire(`ends-${i}`)).release();
    await delay(4900 + i * 15);
    await (await acquire(`ends-${i}`, { timeoutMs: 5000 })).release();
  });
  await Promise.all(users);
});

test('terminated by an operator, it is lost to its holder', async () => {
  const lock = await acquire('terminated', { leaseMs: 1500 });
  await client().workflow.getHandle(lockWorkflowId('terminated')).terminate();
  await expect.poll(() => lock.lost.aborted, { timeout: PATIENCE_MS }).toBe(true);
  expect(lock.lost.reason).toMatchObject({ code: 'RESOURCE_LOST' });
  await lock.release();
});

test('any name will do', async () => {
  const names = ['a/b/../c', '数据库 连接', "it's", 'x'.repeat(10_000), 'line\nbreak'];
  const locks = await Promise.all(names.map((name) => acquire(name)));
  for (const name of names)
    await expect(acquire(name, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'RESOURCE_BUSY' });
  for (const lock of locks) await lock.release();
});

test('without a worker it says so', async () => {
  const asking = acquire('unserved', { timeoutMs: 0, taskQueue: 'nobody' });
  await expect(asking).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  await client().workflow.getHandle(lockWorkflowId('unserved')).terminate();
}, 20_000);

test('without a connection of its own one is made', async () => {
  const { config } = engine();
  const seen = await withResourceLock('connects', async () => viewOf('connects'), {
    config,
    scope: 'cluster',
  });
  expect(seen).toMatchObject({ holder: { pid: process.pid } });
});

test('where TEMPORAL_ADDRESS is set the command line takes and lists them', { timeout: 30_000 }, async () => {
  const options = { env: { TEMPORAL_ADDRESS: engine().engine.address } };
  const dir = ['--data-dir', tempDir(), '--json'];
  const { code } = await rekindle(['lock', 'run', ...dir, 'deploy', '--', 'exit 4'], options);
  expect(code).toBe(4);
  const lock = await acquire('deploy', { purpose: 'by hand' });
  const busy = await rekindle(['lock', 'run', ...dir, '--timeout', '0', 'deploy', '--', 'true'], options);
  expect([busy.code, busy.stderr]).toEqual([5, expect.stringContaining('(by hand) holds it since')]);
  const { stdout } = await rekindle(['lock', 'list', ...dir], options);
  expect(JSON.parse(stdout).locks).toContainEqual(
    expect.objectContaining({ name: 'deploy', scope: 'cluster', waiting: 0 }),
  );
  await lock.release();
});
