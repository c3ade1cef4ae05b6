import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acquireLock, holderOf, tryLock } from '../../src/locks/process-lock.ts';
import { startChild } from '../support/child.ts';
import { tempDir } from '../support/temp-dir.ts';

const CHILD = new URL('./hold-lock.ts', import.meta.url);

test('a lock is given to one at a time within a process', () => {
  const path = join(tempDir(), 'deep', 'down', 'x.lock');
  const lock = tryLock(path);
  expect(lock).not.toBeNull();
  expect(tryLock(path)).toBeNull();
  lock?.release();
  const again = tryLock(path);
  expect(again).not.toBeNull();
  again?.release();
});

test('releasing twice does not release the next holder', () => {
  const path = join(tempDir(), 'x.lock');
  const first = tryLock(path);
  first?.release();
  const second = tryLock(path);
  first?.release();
  expect(tryLock(path)).toBeNull();
  expect(holderOf(path)?.process.pid).toBe(process.pid);
  second?.release();
});

test('a lock is given back also when the word about its holder cannot be removed', () => {
  const path = join(tempDir(), 'x.lock');
  const lock = tryLock(path);
  rmSync(`${path}.holder`);
  mkdirSync(`${path}.holder`);
  lock?.release();
  const next = tryLock(path);
  expect(next).not.toBeNull();
  next?.release();
});

test('a lock that another process holds is refused, and its holder is known', async () => {
  const path = join(tempDir(), 'x.lock');
  const child = startChild(CHILD, [path]);
  expect(await child.next()).toEqual({ locked: true });
  expect(tryLock(path)).toBeNull();
  expect(holderOf(path)).toMatchObject({ process: { pid: child.pid }, purpose: 'child' });
  child.say('release');
  await child.next();
  expect(holderOf(path)).toBeNull();
  tryLock(path)?.release();
});

test('kill -9 of the holder frees the lock, and nobody is shown as its holder', async () => {
  const path = join(tempDir(), 'x.lock');
  const child = startChild(CHILD, [path]);
  await child.next();
  await child.kill();
  expect(holderOf(path)).toBeNull();
  const lock = tryLock(path);
  expect(lock).not.toBeNull();
  lock?.release();
});

test('one that waits gets the lock when the holder is killed', async () => {
  const path = join(tempDir(), 'x.lock');
  const child = startChild(CHILD, [path]);
  await child.next();
  const waited = Promise.withResolvers<number | undefined>();
  const acquiring = acquireLock(path, { onWait: (holder) => waited.resolve(holder?.process.pid) });
  expect(await waited.promise).toBe(child.pid);
  await child.kill();
  const lock = await acquiring;
  expect(tryLock(path)).toBeNull();
  lock.release();
});

test('waiting ends with an error that names the holder when the time is over', async () => {
  const path = join(tempDir(), 'x.lock');
  const lock = tryLock(path, 'the download of a.bin');
  await expect(acquireLock(path, { timeoutMs: 30 })).rejects.toMatchObject({
    code: 'TARGET_BUSY',
    message: expect.stringContaining(`process ${process.pid} (the download of a.bin)`),
  });
  lock?.release();
});

test('waiting ends when it is aborted', async () => {
  const path = join(tempDir(), 'x.lock');
  const lock = tryLock(path);
  const abort = new AbortController();
  const acquiring = acquireLock(path, { signal: abort.signal, onWait: () => abort.abort() });
  await expect(acquiring).rejects.toMatchObject({ name: 'AbortError' });
  lock?.release();
});

test('twenty that want the same lock have it one after the other', async () => {
  const path = join(tempDir(), 'x.lock');
  let inside = 0;
  let most = 0;
  const users = Array.from({ length: 20 }, async () => {
    using _lock = await acquireLock(path);
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  });
  await Promise.all(users);
  expect(most).toBe(1);
});

test('a file that is no lock file is refused and left as it is', () => {
  const path = join(tempDir(), 'notes.txt');
  writeFileSync(path, 'these are my notes, not a database at all; they are longer than a header '.repeat(20));
  expect(() => tryLock(path)).toThrow(/cannot lock .*notes\.txt/);
});

test('a place that cannot be written is named in the error', () => {
  const dir = tempDir();
  writeFileSync(join(dir, 'file'), '');
  expect(() => tryLock(join(dir, 'file', 'x.lock'))).toThrow(/cannot lock/);
  mkdirSync(join(dir, 'x.lock'));
  expect(() => tryLock(join(dir, 'x.lock'))).toThrow(/cannot lock/);
  expect(existsSync(join(dir, 'x.lock'))).toBe(true);
});
