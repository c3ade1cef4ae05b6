import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stopEngine } from '../../src/engine/embedded.ts';
import { acquireMachineLock, listMachineLocks, locksDir } from '../../src/locks/machine-lock.ts';
import { tempDir } from '../support/temp-dir.ts';
import { CliProcess, rekindle } from './support/cli.ts';

const inside = (dataDir: string) => ['--data-dir', dataDir, '--locale', 'en'];
const lock = (dataDir: string, options: readonly string[], ...command: string[]) =>
  rekindle(['lock', 'run', ...inside(dataDir), ...options, 'backup', '--', ...command]);

test('a command runs under the lock, and its exit code is ours', async () => {
  const dir = tempDir();
  const list = `${process.execPath} ${join(process.cwd(), 'bin/rekindle.js')} lock list --json --data-dir ${dir}`;
  const listing = await lock(dir, [], list);
  expect(JSON.parse(listing.stdout)).toMatchObject({
    locks: [{ name: 'backup', scope: 'machine', holder: { purpose: 'lock run node' }, waiting: 0 }],
  });
  expect((await lock(dir, [], 'sh', '-c', 'exit 7')).code).toBe(7);
  expect((await lock(dir, [], 'kill -9 $$')).code).toBe(137);
  expect(listMachineLocks(locksDir(dir))).toEqual([]);
});

test('arguments reach the command as they are, and --json says how it went', async () => {
  const { code, stdout } = await lock(tempDir(), ['--json'], 'printf', '%s|', '--json', 'a b', '$HOME', '');
  expect([code, stdout.split('|').slice(0, 4)]).toEqual([0, ['--json', 'a b', '$HOME', '']]);
  expect(JSON.parse(stdout.split('|')[4] ?? '')).toEqual({
    name: 'backup',
    exit_code: 0,
    waited_ms: expect.any(Number),
  });
});

test('a lock that is not free in time is a matter of exit code 5', async () => {
  const dir = tempDir();
  const held = await acquireMachineLock(locksDir(dir), 'backup', { purpose: 'the nightly run' });
  const { code, stderr } = await lock(dir, ['--timeout', '0'], 'true');
  expect(code).toBe(5);
  expect(stderr).toContain(`process ${process.pid}`);
  expect(stderr).toContain('the nightly run');
  await held.release();
});

test('a wrong time, scope or command is a matter of exit code 2', async () => {
  const dir = tempDir();
  for (const options of [
    ['--timeout', 'soon'],
    ['--timeout', '-1'],
    ['--scope', 'galaxy'],
  ])
    expect([options, (await lock(dir, options, 'true')).code]).toEqual([options, 2]);
  expect((await lock(dir, [], 'there-is-no-such-program', 'x')).code).toBe(2);
  expect((await rekindle(['lock', 'run', 'x', ...inside(dir)])).code).toBe(2);
});

test('SIGTERM is passed on, and the lock is free when the command has ended', async () => {
  const dir = tempDir();
  const file = join(dir, 'said');
  const script = `trap 'sleep 0.3; echo ended > ${file}; exit 3' TERM; echo ready; while :; do sleep 0.05; done`;
  const running = new CliProcess(['lock', 'run', ...inside(dir), 'backup', '--', 'sh', '-c', script]);
  expect(await running.line()).toBe('ready');
  running.kill('SIGTERM');
  const next = await acquireMachineLock(locksDir(dir), 'backup');
  expect(readFileSync(file, 'utf8')).toBe('ended\n');
  await next.release();
});

test('nobody has a lock: the list says so', async () => {
  const { code, stdout } = await rekindle(['lock', 'list', ...inside(tempDir())]);
  expect([code, stdout]).toEqual([0, 'nobody has or wants a lock\n']);
});

test('statistics count the locks that are held', async () => {
  const dir = tempDir();
  onTestFinished(async () => void (await stopEngine(dir, { graceMs: 0 })));
  const held = await acquireMachineLock(locksDir(dir), 'a');
  const { stdout } = await rekindle(['stats', '--json', ...inside(dir)]);
  expect(JSON.parse(stdout)).toMatchObject({ active_resources: 1 });
  await held.release();
}, 60_000);
