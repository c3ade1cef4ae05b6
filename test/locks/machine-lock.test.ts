import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { acquireMachineLock, listMachineLocks, removeIdleLocks } from '../../src/locks/machine-lock.ts';
import { startChild, type TestChild } from '../support/child.ts';
import { tempDir } from '../support/temp-dir.ts';

const CHILD = new URL('./resource-child.ts', import.meta.url);
const PATIENCE_MS = 15_000;

/** Waits until so many wait for the one lock of the directory. */
async function waiting(directory: string, count: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while ((listMachineLocks(directory)[0]?.waiting ?? 0) !== count) {
    if (performance.now() > deadline) throw new Error(JSON.stringify(listMachineLocks(directory)));
    await delay(10);
  }
}

async function holding(directory: string, name: string): Promise<TestChild> {
  const child = startChild(CHILD, ['hold', directory, name]);
  expect(await child.next()).toMatchObject({ got: child.pid });
  return child;
}

test('eight processes that count to 800 together don’t lose one', { timeout: 60_000 }, async () => {
  const directory = tempDir();
  const file = join(directory, 'number');
  writeFileSync(file, '0');
  const locks = join(directory, 'locks');
  const children = Array.from({ length: 8 }, () =>
    startChild(CHILD, ['count', locks, 'number', file, '100']),
  );
  for (const child of children) expect(await child.next()).toEqual({ done: true });
  expect(readFileSync(file, 'utf8')).toBe('800');
  expect(listMachineLocks(locks)).toEqual([]);
  expect(readdirSync(join(locks, readdirSync(locks)[0] ?? '')).sort()).toEqual(['lock', 'name']);
});

test('kill -9 of the holder gives the lock to the one who waits', async () => {
  const directory = tempDir();
  const child = await holding(directory, 'x');
  const acquiring = acquireMachineLock(directory, 'x');
  await waiting(directory, 1);
  await child.kill();
  const killedAt = performance.now();
  const lock = await acquiring;
  expect(performance.now() - killedAt).toBeLessThan(1000);
  expect(listMachineLocks(directory)[0]?.holder?.pid).toBe(process.pid);
  await lock.release();
});

test('those who wait get it in the order in which they came, but for those who were killed', async () => {
  const directory = tempDir();
  const first = await acquireMachineLock(directory, 'x');
  const children: TestChild[] = [];
  for (let count = 1; count <= 5; count += 1) {
    children.push(startChild(CHILD, ['hold', directory, 'x']));
    await waiting(directory, count);
  }
  const [a, b, c, d, e] = children as [TestChild, TestChild, TestChild, TestChild, TestChild];
  await c.kill();
  await first.release();
  // One who comes last does not get it while others wait.
  const last = acquireMachineLock(directory, 'x');
  const times: number[] = [];
  for (const child of [a, b, d, e]) {
    const { got, at } = await child.next<{ got: number; at: number }>();
    expect(got).toBe(child.pid);
    expect(listMachineLocks(directory)[0]?.holder?.pid).toBe(child.pid);
    times.push(at);
    child.say('release');
  }
  await (await last).release();
  expect(times).toEqual([...times].sort());
});

test('one who takes the lock again and again does not keep out another', async () => {
  const directory = tempDir();
  let rounds = 0;
  let stop = false;
  const greedy = (async () => {
    while (!stop) {
      const lock = await acquireMachineLock(directory, 'x');
      rounds += 1;
      await delay(1);
      await lock.release();
    }
  })();
  for (let i = 0; i < 10; i += 1) {
    const before = rounds;
    const lock = await acquireMachineLock(directory, 'x');
    // The one that held it when we came, and one that was before us in the line.
    expect(rounds - before).toBeLessThanOrEqual(2);
    await lock.release();
  }
  stop = true;
  await greedy;
});

test('the first in the line, when it is stopped, is passed by the next after a while', async () => {
  const directory = tempDir();
  const lock = await acquireMachineLock(directory, 'x');
  const sleeper = startChild(CHILD, ['hold', directory, 'x']);
  await waiting(directory, 1);
  process.kill(sleeper.pid, 'SIGSTOP');
  const acquiring = acquireMachineLock(directory, 'x', { timeoutMs: 10_000 });
  await lock.release();
  const next = await acquiring;
  await next.release();
  process.kill(sleeper.pid, 'SIGCONT');
  expect(await sleeper.next()).toMatchObject({ got: sleeper.pid });
});

test('when the time is over the error says who holds it since when', async () => {
  const directory = tempDir();
  const child = await holding(directory, 'a lock');
  const since = listMachineLocks(directory)[0]?.holder?.since;
  for (const timeoutMs of [0, 40])
    await expect(acquireMachineLock(directory, 'a lock', { timeoutMs })).rejects.toMatchObject({
      code: 'RESOURCE_BUSY',
      message: expect.stringMatching(
        new RegExp(`"a lock": process ${child.pid} on .* \\(child\\) holds it since ${since}`),
      ),
      facts: { pid: child.pid, since, waiting: 0, purpose: 'child' },
    });
  expect(listMachineLocks(directory)).toMatchObject([{ waiting: 0 }]);
});

test('waiting ends when it is aborted, and leaves the line', async () => {
  const directory = tempDir();
  const lock = await acquireMachineLock(directory, 'x');
  const abort = new AbortController();
  const acquiring = acquireMachineLock(directory, 'x', { signal: abort.signal });
  acquiring.catch(() => undefined);
  await waiting(directory, 1);
  abort.abort(new Error('changed my mind'));
  await expect(acquiring).rejects.toThrow('changed my mind');
  await expect(acquireMachineLock(directory, 'y', { signal: abort.signal })).rejects.toThrow('my mind');
  await waiting(directory, 0);
  await lock.release();
});

test('a holder whose lock file is removed is told so', async () => {
  const directory = tempDir();
  const lock = await acquireMachineLock(directory, 'x');
  rmSync(directory, { recursive: true });
  await expect.poll(() => lock.lost.aborted, { timeout: PATIENCE_MS }).toBe(true);
  expect(lock.lost.reason).toMatchObject({ code: 'RESOURCE_LOST' });
  await lock.release();
});

test('a lock whose name cannot be written down is given to nobody, and free', async () => {
  const locks = join(tempDir(), 'locks');
  await (await acquireMachineLock(locks, 'full')).release();
  const name = join(locks, readdirSync(locks)[0] ?? '', 'name');
  rmSync(name);
  symlinkSync(join(locks, 'nowhere', 'name'), name);
  await expect(acquireMachineLock(locks, 'full')).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  rmSync(name);
  await (await acquireMachineLock(locks, 'full', { timeoutMs: 0 })).release();
});

test('removing idle locks disturbs nobody', { timeout: 60_000 }, async () => {
  const directory = tempDir();
  const file = join(directory, 'number');
  writeFileSync(file, '0');
  const locks = join(directory, 'locks');
  const children = Array.from({ length: 3 }, () => startChild(CHILD, ['count', locks, 'number', file, '60']));
  let running = true;
  const done = Promise.all(children.map((child) => child.next())).finally(() => {
    running = false;
  });
  while (running) {
    removeIdleLocks(locks, 0);
    await delay(1);
  }
  await done;
  expect(readFileSync(file, 'utf8')).toBe('180');
  const held = await acquireMachineLock(locks, 'held');
  removeIdleLocks(locks, 0);
  held.check();
  expect([held.lost.aborted, readdirSync(locks).length]).toEqual([false, 1]);
  await held.release();
  expect(removeIdleLocks(locks, 60_000)).toBe(0);
  expect(removeIdleLocks(locks, 0)).toBe(1);
  expect(readdirSync(locks)).toEqual([]);
});
