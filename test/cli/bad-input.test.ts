/** What somebody, or a crash, did to the files of a data directory: each is healed or told, and no task is lost. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { stopEngine } from '../../src/engine/embedded.ts';
import { tryLock } from '../../src/locks/process-lock.ts';
import { MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { json, ownDataDir, rekindle, start } from './support/cli.ts';

let server: MisbehavingServer;
beforeAll(async () => {
  server = await MisbehavingServer.start();
});
afterAll(() => server.close());

const NOISE = Buffer.from(Array.from({ length: 8192 }, (_, n) => (n * 7919 + (n >> 3)) % 256));

async function up(dataDir: string) {
  const process = start(['up', '--json', '--data-dir', dataDir]);
  const line = await process.line();
  expect(JSON.parse(line)).toMatchObject({ status: 'up' });
  return process;
}

/** A data directory in which one task was done, and everything was killed. */
async function used(): Promise<{ dataDir: string; taskId: string }> {
  const dataDir = ownDataDir();
  const process = await up(dataDir);
  const url = server.serve('/a.bin', { size: 1000 });
  const { task_id: taskId } = await json(['download', url, '--to', tempDir(), '--data-dir', dataDir]);
  process.kill('SIGKILL');
  await process.end().catch(() => undefined);
  await stopEngine(dataDir, { graceMs: 0 });
  return { dataDir, taskId };
}

/** The task is still known, and the mirror shows it. */
async function expectNothingLost(dataDir: string, taskId: string): Promise<void> {
  const shown = await json(['task', 'show', taskId, '--data-dir', dataDir]);
  expect(shown).toMatchObject({ status: 'completed' });
  const check = () => rekindle(['mirror', 'check', '--json', '--data-dir', dataDir]).then(({ code }) => code);
  await expect.poll(check, { timeout: 20_000, interval: 500 }).toBe(0);
}

function damage(path: string, text: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

describe('up heals', () => {
  test('files of rubbish: PID file, locks, journal, engine record, waiting session, mirror with its WAL', {
    timeout: 120_000,
  }, async () => {
    const { dataDir, taskId } = await used();
    const inRun = (name: string): string => join(dataDir, 'run', name);
    damage(inRun('up.json'), 'rubbish {{');
    damage(inRun('up.lock'), NOISE);
    damage(inRun('up.lock.holder'), NOISE);
    damage(inRun('recovery.lock'), NOISE);
    damage(
      inRun('worker-999999-1-0.journal'),
      '{"pid":999999,"role":"service"}\n{"op":"+","key":"a","workfl',
    );
    damage(join(dataDir, 'run', 'recovery', 'recovery-1.json'), '{');
    damage(join(dataDir, 'engine', 'engine.json'), 'no record');
    damage(join(dataDir, 'engine', 'engine.lock'), NOISE);
    damage(join(dataDir, 'engine', 'users', '1-x.lock'), NOISE);
    damage(join(dataDir, 'recovery.db'), NOISE);
    damage(join(dataDir, 'recovery.db-wal'), NOISE);
    damage(join(dataDir, 'recovery.db.lock'), NOISE);
    const process = await up(dataDir);
    await expectNothingLost(dataDir, taskId);
    expect(readdirSync(dataDir).filter((name) => name.includes('.damaged-'))).not.toEqual([]);
    await expect.poll(() => existsSync(inRun('worker-999999-1-0.journal')), { timeout: 10_000 }).toBe(false);
    process.kill('SIGTERM');
    expect((await process.end()).code).toBe(0);
    const { checks } = await json(['doctor', '--data-dir', dataDir]);
    const last = checks.find(({ name }: { name: string }) => name === 'last recovery');
    expect(last).toMatchObject({ detail: expect.stringContaining('unknown crashed') });
  });

  test('a mirror whose WAL was deleted, and a whole mirror that was', { timeout: 120_000 }, async () => {
    const { dataDir, taskId } = await used();
    for (const end of ['-wal', '-shm']) rmSync(join(dataDir, `recovery.db${end}`), { force: true });
    const process = await up(dataDir);
    await expectNothingLost(dataDir, taskId);
    // While it runs, too.
    for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `recovery.db${end}`), { force: true });
    await expectNothingLost(dataDir, taskId);
    process.kill('SIGTERM');
    expect((await process.end()).code).toBe(0);
  });

  test('times from the future, after the clock was set back', { timeout: 120_000 }, async () => {
    const { dataDir, taskId } = await used();
    const file = join(dataDir, 'run', 'up.json');
    const future = new Date(Date.now() + 30 * 86_400_000).toISOString();
    const record = { ...JSON.parse(readFileSync(file, 'utf8')), started_at: future };
    writeFileSync(file, JSON.stringify(record));
    const { default: Database } = await import('better-sqlite3');
    const mirror = new Database(join(dataDir, 'recovery.db'));
    mirror.exec(
      `UPDATE projector_cursor SET changed_ms = ${Date.parse(future)}, reconciled_ms = ${Date.now()}`,
    );
    mirror.close();
    await up(dataDir);
    await expectNothingLost(dataDir, taskId);
    // What comes now is seen at once, not when that time has come.
    const url = server.serve('/b.bin', { size: 1000 });
    const { task_id } = await json(['download', url, '--to', tempDir(), '--data-dir', dataDir]);
    await expectNothingLost(dataDir, task_id);
  });
});

describe('up says what is wrong with', () => {
  test('a data directory that another up has, also of two that start at once', {
    timeout: 90_000,
  }, async () => {
    const dataDir = ownDataDir();
    const both = [0, 1].map(() => start(['up', '--json', '--data-dir', dataDir]));
    const first = await Promise.all(both.map((process) => process.line()));
    const states = first.map((line) => JSON.parse(line));
    expect(states.filter(({ status }) => status === 'up')).toHaveLength(1);
    expect(states.find(({ error }) => error)).toMatchObject({ error: { code: 'TASK_STATE' } });
  });

  test('a damaged file of the engine, which is the truth about all tasks: it is left as it is', {
    timeout: 90_000,
  }, async () => {
    const { dataDir } = await used();
    const file = join(dataDir, 'engine', 'temporal.db');
    damage(file, NOISE);
    rmSync(`${file}-wal`, { force: true });
    const { code, stderr, json: said } = await rekindle(['up', '--json', '--data-dir', dataDir]);
    expect(code).not.toBe(0);
    expect(said.error).toMatchObject({ code: 'ENGINE_UNAVAILABLE', hint: expect.any(String) });
    expect(stderr).toMatch(/not a database|malformed|corrupt/);
    expect(readFileSync(file).equals(NOISE)).toBe(true);
  });

  const NOBODY = 65_534;
  const root = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;

  /** Runs it without what lets root write everywhere; it keeps the right to enter the checkout, wherever that is. */
  function withoutOverride(args: readonly string[]) {
    const rights = '-dac_override,-dac_read_search';
    const node = [resolve('node_modules/.bin/node'), resolve('bin/rekindle.js'), ...args];
    const result = spawnSync('setpriv', [`--bounding-set=${rights}`, `--inh-caps=${rights}`, ...node], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', REKINDLE_LOCALE: 'en' },
    });
    return { code: result.status, stderr: result.stderr };
  }

  /** A directory with these rights. */
  function shared(mode: number): string {
    const dir = tempDir('rights');
    chmodSync(dir, 0o755);
    const dataDir = join(dir, 'data');
    mkdirSync(join(dataDir, 'run'), { recursive: true });
    for (const path of [join(dataDir, 'run'), dataDir]) chmodSync(path, mode);
    onTestFinished(() => chmodSync(dataDir, 0o755));
    return dataDir;
  }

  test.skipIf(!root)('a data directory that it may not write (skipped unless root with setpriv)', () => {
    const { code, stderr } = withoutOverride(['up', '--data-dir', shared(0o555)]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/cannot (lock|write|make)/);
    expect(stderr.split('\n').length).toBeLessThan(6);
  });

  test.skipIf(!root)('a lock file of another user (skipped unless root with setpriv)', () => {
    const dataDir = shared(0o777);
    tryLock(join(dataDir, 'run', 'up.lock'))?.release();
    chmodSync(join(dataDir, 'run', 'up.lock'), 0o644);
    chownSync(join(dataDir, 'run', 'up.lock'), NOBODY, NOBODY);
    const { code, stderr } = withoutOverride(['up', '--data-dir', dataDir]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`belongs to another user (${NOBODY})`);
  });
});
