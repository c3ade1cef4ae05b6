import { setTimeout as delay } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import {
  countActiveResources,
  listResourceLocks,
  type ResourceLockOptions,
  withResourceLock,
} from '../../src/client/resource-locks.ts';
import { loadConfig } from '../../src/config.ts';
import { acquireMachineLock, locksDir } from '../../src/locks/machine-lock.ts';
import { startChild } from '../support/child.ts';
import { tempDir } from '../support/temp-dir.ts';

const CHILD = new URL('../locks/resource-child.ts', import.meta.url);
const here = () => ({ config: loadConfig({ dataDir: tempDir() }, {}) });

test('what is done under the lock gives its result, and nobody has the lock afterwards', async () => {
  const place = here();
  const inside = await withResourceLock('db', () => listResourceLocks(place), {
    ...place,
    purpose: 'a test',
  });
  expect(inside).toEqual([
    {
      name: 'db',
      scope: 'machine',
      holder: { pid: process.pid, host: expect.any(String), purpose: 'a test', since: expect.any(String) },
      waiting: 0,
    },
  ]);
  expect(await countActiveResources(place)).toBe(0);
});

test('an error comes out, and the lock is released', async () => {
  const place = here();
  const failing = withResourceLock('db', () => Promise.reject(new Error('no such table')), place);
  await expect(failing).rejects.toThrow('no such table');
  const throwing = withResourceLock(
    'db',
    () => {
      throw new Error('at once');
    },
    { ...place, timeoutMs: 0 },
  );
  await expect(throwing).rejects.toThrow('at once');
});

test('twenty at once have it one after the other, in their order', async () => {
  const place = here();
  let inside = 0;
  const order: number[] = [];
  const users = Array.from({ length: 20 }, (_, i) =>
    withResourceLock(
      'db',
      async () => {
        inside += 1;
        expect(inside).toBe(1);
        await delay(1);
        order.push(i);
        inside -= 1;
      },
      place,
    ),
  );
  await Promise.all(users);
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test('inside the call that holds it, it is refused at once; another lock is not', async () => {
  const place = here();
  const nested = withResourceLock(
    'a',
    () => withResourceLock('b', () => withResourceLock('a', () => 1, place), place),
    place,
  );
  await expect(nested).rejects.toMatchObject({ code: 'RESOURCE_REENTERED' });
  expect(await withResourceLock('a', () => withResourceLock('b', () => 2, place), place)).toBe(2);
});

test('what a call left running may take the lock when the call is over', async () => {
  const place = here();
  const released = Promise.withResolvers<void>();
  let later: Promise<number> | undefined;
  await withResourceLock(
    'a',
    () => {
      later = released.promise.then(() => withResourceLock('a', () => 3, place));
    },
    place,
  );
  released.resolve();
  expect(await later).toBe(3);
});

test('work whose lock is lost is told so, and its result does not count', async () => {
  const place = here();
  const working = withResourceLock(
    'db',
    async (signal) => {
      const { rmSync } = await import('node:fs');
      rmSync(locksDir(place.config.dataDir), { recursive: true });
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return 'done';
    },
    place,
  );
  await expect(working).rejects.toMatchObject({ code: 'RESOURCE_LOST' });
});

test('the caller’s signal ends the waiting, and reaches what is done', async () => {
  const place = here();
  const abort = new AbortController();
  const options = { ...place, signal: abort.signal };
  const other = await acquireMachineLock(locksDir(place.config.dataDir), 'other');
  const working = withResourceLock(
    'db',
    async (signal) => {
      const waiting = withResourceLock('other', () => 1, options);
      abort.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
      signal.throwIfAborted();
    },
    options,
  );
  await expect(working).rejects.toThrow('enough');
  await other.release();
});

test('in an activity, its cancellation ends the waiting', async () => {
  const place = here();
  const held = await acquireMachineLock(locksDir(place.config.dataDir), 'db');
  const activity = new MockActivityEnvironment();
  const { Context } = await import('@temporalio/activity');
  const running = activity.run(async () =>
    withResourceLock('db', () => 1, { ...place, signal: Context.current().cancellationSignal }),
  );
  activity.cancel();
  await expect(running).rejects.toThrow(/cancel/i);
  await held.release();
});

test('kill -9 of another process that holds it lets the work begin', async () => {
  const place = here();
  const child = startChild(CHILD, ['hold', locksDir(place.config.dataDir), 'db']);
  await child.next();
  const working = withResourceLock('db', () => 'begun', place);
  await child.kill();
  expect(await working).toBe('begun');
});

test.each<[string, unknown, ResourceLockOptions]>([
  ['no name', '', {}],
  ['a name that is no text', 7, {}],
  ['a time below zero', 'db', { timeoutMs: -1 }],
  ['a time that is no number', 'db', { timeoutMs: Number.NaN }],
  ['a lease too short', 'db', { leaseMs: 10 }],
  ['a scope that there is not', 'db', { scope: 'galaxy' as never }],
])('%s is refused', async (_what, name, options) => {
  await expect(withResourceLock(name as string, () => 1, { ...here(), ...options })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});

test('across a cluster is the default where a server is set, and says when that is not there', async () => {
  const config = loadConfig({ dataDir: tempDir() }, { TEMPORAL_ADDRESS: '127.0.0.1:1' });
  await expect(withResourceLock('db', () => 1, { config })).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
  });
  expect(await withResourceLock('db', () => 1, { config, scope: 'machine' })).toBe(1);
}, 15_000);
