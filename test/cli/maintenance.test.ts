/** Backups, restoring, clean-up, repair and history as a user meets them. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fillPageWithNoise } from '../mirror/support/mirrors.ts';
import { MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { json, ownDataDir, rekindle, start, suiteUp } from './support/cli.ts';

// Each command starts a process, and some an engine.
vi.setConfig({ testTimeout: 120_000 });

const NAME = /^recovery-\d{8}_\d{6}\.db$/;
let server: MisbehavingServer;
beforeAll(async () => {
  server = await MisbehavingServer.start();
});
afterAll(() => server.close());

let files = 0;
/** Downloads a small file with a command that runs for this data directory. @returns its task's ID. */
async function download(dataDir: string): Promise<string> {
  files += 1;
  const url = server.serve(`/kept-${files}.bin`, { size: 1000 });
  return (await json(['download', url, '--to', tempDir('download'), '--data-dir', dataDir])).task_id;
}

function tasksIn(path: string): string[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare('SELECT task_id FROM task_states ORDER BY task_id').pluck().all() as string[];
  } finally {
    db.close();
  }
}

const patient = { timeout: 20_000, interval: 100 };

describe('beside a running up', () => {
  const dataDir = suiteUp();
  const at = (...args: string[]) => [...args, '--data-dir', dataDir()];
  const backups = () => join(dataDir(), 'backups');
  const mirror = () => join(dataDir(), 'recovery.db');

  test('a backup is made, to backups/ or to a file, with all tasks in it', async () => {
    const task = await download(dataDir());
    await expect.poll(() => tasksIn(mirror()), patient).toContain(task);
    const made = await json(at('backup'));
    expect(made).toEqual({ path: expect.any(String), size: expect.any(Number), removed: 0 });
    expect(basename(made.path)).toMatch(NAME);
    expect(tasksIn(made.path)).toContain(task);
    const own = join(tempDir('backup'), 'own.db');
    await json(at('backup', own));
    expect((await rekindle(at('backup', own, '--locale', 'zh-CN'))).stdout).toContain(`已备份到 ${own}`);
    expect(tasksIn(own)).toContain(task);
    expect(readdirSync(backups()).filter((name) => !NAME.test(name))).toEqual([]);
  });

  test('a file that is no backup is not replaced by one', async () => {
    const precious = join(tempDir('backup'), 'lesson.mp4');
    writeFileSync(precious, 'precious');
    const { code, stderr } = await rekindle(at('backup', precious));
    expect([code, readFileSync(precious, 'utf8')]).toEqual([2, 'precious']);
    expect(stderr).toContain('is no backup of a mirror');
  });

  test('the schedule makes backups, the clean-up removes what is old, both as workflows', async () => {
    const sinceMs = Date.now();
    await json(at('schedule', 'trigger', 'backup'));
    const made = () =>
      readdirSync(backups()).filter(
        (name) => NAME.test(name) && statSync(join(backups(), name)).mtimeMs >= sinceMs,
      );
    await expect.poll(made, patient).toHaveLength(1);
    const left = join(dataDir(), 'reports', '.scan-left');
    mkdirSync(left, { recursive: true });
    utimesSync(left, 1e9, 1e9);
    const db = new Database(mirror());
    const insert = 'INSERT INTO recovery_logs (recovery_type, status, created_at) VALUES (?, ?, ?)';
    db.prepare(insert).run('task_recovery', 'completed', '2020-01-01 00:00:00.000');
    db.close();
    await json(at('schedule', 'trigger', 'clean-up'));
    await expect.poll(() => existsSync(left), patient).toBe(false);
    await expect
      .poll(async () => (await json(at('history', '--hours', '900000'))).events, patient)
      .toEqual([]);
    const { schedules } = await json(at('schedule', 'list'));
    expect(schedules.map(({ id, every }: { id: string; every: string }) => [id, every])).toEqual(
      expect.arrayContaining([
        ['backup', '60 min'],
        ['clean-up', '60 min'],
      ]),
    );
  });

  test('the process that keeps the mirror does the vacuum', async () => {
    const shrunk = await json(at('mirror', 'vacuum'));
    expect(shrunk).toMatchObject({ path: mirror(), free_share: 0, db_size: statSync(mirror()).size });
  });

  test('restoring and repairing are refused, with what to do', async () => {
    const { path } = await json(at('backup'));
    const restoring = await rekindle(at('restore', path));
    expect(restoring.code).toBe(5);
    expect(restoring.stderr).toContain('Stop it first');
    expect((await rekindle(at('mirror', 'repair'))).code).toBe(5);
  });

  test('stats count the recovery events of 7 days', async () => {
    expect(await json(at('stats'))).toMatchObject({ recovery_events_7days: expect.any(Number) });
    expect((await rekindle(at('stats'))).stdout).toContain('recovery events in 7 days');
  });
});

describe('without anything running', () => {
  test('a backup brings a mirror back, and Temporal what changed since', async () => {
    const dataDir = ownDataDir();
    const at = (...args: string[]) => [...args, '--data-dir', dataDir];
    const mirror = join(dataDir, 'recovery.db');
    const first = await download(dataDir);
    const { path } = await json(at('backup'));
    const second = await download(dataDir);
    expect(tasksIn(mirror)).toHaveLength(2);
    const restored = await json(at('restore', path));
    expect(restored).toMatchObject({ path: mirror, from: path, tasks: 1 });
    expect(tasksIn(mirror)).toEqual([first]);
    expect(tasksIn(restored.setAside)).toHaveLength(2);
    const running = start(at('mirror', 'run', '--json'));
    await running.line();
    await expect.poll(() => tasksIn(mirror), patient).toEqual([first, second].sort());
    running.kill('SIGTERM');
    expect((await running.end()).code).toBe(0);
    expect(await json(at('mirror', 'check'))).toMatchObject({ ok: true });
  });

  test('a damaged mirror is repaired, a sound one left alone, a missing one made', async () => {
    const dataDir = ownDataDir();
    const at = (...args: string[]) => [...args, '--data-dir', dataDir];
    const mirror = join(dataDir, 'recovery.db');
    const task = await download(dataDir);
    const before = statSync(mirror).mtimeMs;
    expect(await json(at('mirror', 'repair'))).toEqual({
      path: mirror,
      found: 'sound',
      problems: [],
      repaired: false,
    });
    expect(statSync(mirror).mtimeMs).toBe(before);

    fillPageWithNoise(mirror, 'task_states');
    const page = await json(at('mirror', 'repair'));
    expect(page).toMatchObject({
      found: 'damaged',
      repaired: true,
      records: 1,
      problems: [expect.any(String)],
    });
    expect(existsSync(page.set_aside)).toBe(true);
    expect(tasksIn(mirror)).toEqual([task]);

    writeFileSync(mirror, 'noise'.repeat(20_000));
    expect((await rekindle(at('mirror', 'repair'))).stdout).toContain(
      'it was made anew from 1 run(s) of tasks',
    );
    expect(tasksIn(mirror)).toEqual([task]);

    rmSync(mirror);
    expect(await json(at('mirror', 'repair'))).toMatchObject({
      found: 'missing',
      repaired: true,
      set_aside: null,
    });
    expect(tasksIn(mirror)).toEqual([task]);
    expect(await json(at('mirror', 'check'))).toMatchObject({ ok: true });
    expect(await json(at('mirror', 'vacuum'))).toMatchObject({ free_share: 0 });
  });

  test('what cannot be done says why, and makes no file', async () => {
    const dataDir = ownDataDir();
    const at = (...args: string[]) => [...args, '--data-dir', dataDir];
    for (const [args, code, said] of [
      [['backup'], 1, 'does not exist'],
      [['history'], 1, 'does not exist'],
      [['mirror', 'vacuum'], 1, 'does not exist'],
      [['restore', join(dataDir, 'none.db')], 2, 'does not exist'],
      [['history', '--hours', 'soon'], 2, 'is no number of hours'],
    ] as const) {
      const result = await rekindle(at(...args));
      expect([args, result.code, result.stderr]).toEqual([args, code, expect.stringContaining(said)]);
    }
    expect(existsSync(join(dataDir, 'recovery.db'))).toBe(false);
    expect(existsSync(join(dataDir, 'backups'))).toBe(false);
  });

  test('the history is told by hours, type and task', async () => {
    const dataDir = ownDataDir();
    const at = (...args: string[]) => [...args, '--data-dir', dataDir];
    await download(dataDir);
    const db = new Database(join(dataDir, 'recovery.db'));
    const insert = db.prepare(
      'INSERT INTO recovery_logs (recovery_type, task_id, status, details, created_at) VALUES (?, ?, ?, ?, ?)',
    );
    const ago = (hours: number) =>
      new Date(Date.now() - hours * 3_600_000).toISOString().replace('T', ' ').slice(0, 23);
    insert.run('task_recovery', 'a', 'failed', '{"attempt":2}', ago(1));
    insert.run('task_recovery', 'b', 'completed', null, ago(30));
    insert.run('crash_recovery', null, 'completed', '{broken', ago(2));
    db.close();
    const idsOf = async (...args: string[]) =>
      (await json(at('history', ...args))).events.map(
        ({ recovery_type, task_id }: Record<string, string>) => `${recovery_type} ${task_id}`,
      );
    expect(await idsOf()).toEqual(['task_recovery a', 'crash_recovery null']);
    expect(await idsOf('--hours', '48')).toHaveLength(3);
    expect(await idsOf('--type', 'crash_recovery')).toEqual(['crash_recovery null']);
    expect(await idsOf('--hours', '48', '--task', 'b')).toEqual(['task_recovery b']);
    expect(await idsOf('--limit', '1')).toEqual(['task_recovery a']);
    const people = await rekindle(at('history'));
    expect(people.stdout).toMatch(/task_recovery +failed +a .*attempt=2/);
    expect(people.stdout).toContain('is damaged');
    expect((await json(at('stats'))).recovery_events_7days).toBe(3);
  });
});
