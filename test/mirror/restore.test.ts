import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  appendRecoveryLog,
  backupMirror,
  inspectFile,
  projectOnce,
  rebuildMirror,
  restoreMirror,
  taskStatistics,
  upsertSession,
  upsertTasks,
} from '../../src/mirror/index.ts';
import { smallDisk } from '../support/small-disk.ts';
import { rows } from './support/failures.ts';
import { FakeSource } from './support/fake-source.ts';
import { asOtherTool, fillPageWithNoise, mirrorPath, testKeeper, testMirror } from './support/mirrors.ts';
import { completed, record, T0 } from './support/records.ts';

const session = { sessionId: 's', userId: 'u', sessionType: 'login', status: 'active', updatedAtMs: T0 };
const content = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
/** Another process reads, and ends well whatever it got. */
const READ = `try {
  const db = new (require('better-sqlite3'))(process.argv[1]);
  db.prepare(process.argv[2]).all();
  db.close();
} catch {}`;
const namesBeside = (path: string) => readdirSync(dirname(path)).map((name) => name.replace(/-\d{4}-.*/, ''));

/** A mirror with a backup, and things that happened since. */
async function backedUp() {
  const mirror = testMirror();
  upsertTasks(mirror, [record('a'), record('b')]);
  upsertSession(mirror, session);
  const backup = join(dirname(mirror.path), 'backup.db');
  await backupMirror(mirror.path, backup);
  upsertTasks(mirror, [record('c'), completed('a', T0 + 1000)]);
  appendRecoveryLog(mirror, { recoveryType: 'task_recovery', status: 'completed', createdAtMs: T0 });
  mirror.close();
  return { path: mirror.path, backup };
}

describe('restoring', () => {
  it('puts the backup in the place of the mirror, sets that aside, and Temporal’s changes since come by themselves', async () => {
    const { path, backup } = await backedUp();
    const result = await restoreMirror(path, backup);
    expect(result).toMatchObject({ path, from: backup, tasks: 2 });
    expect(namesBeside(path).sort()).toEqual(['backup.db', 'recovery.db', 'recovery.db.before-restore']);
    expect(taskStatistics(testMirror(result.setAside ?? '')).total).toBe(3);
    const keeper = testKeeper(path);
    expect(rows(keeper.get(), 'sessions', 'session_id')).toEqual([{ session_id: 's' }]);
    const source = new FakeSource([completed('a', T0 + 1000), record('b'), record('c')]);
    // A projector's own rhythm would not be due for minutes; the restored file asks for it.
    expect(await projectOnce(keeper, source)).toMatchObject({ reconciled: true });
    expect(taskStatistics(keeper.get())).toMatchObject({ total: 3, by_status: { completed: 1, running: 2 } });
  });

  it('works where no mirror is, and is noticed by whoever reads', async () => {
    const { path, backup } = await backedUp();
    const reader = testKeeper(path, { readonly: true });
    expect(taskStatistics(reader.get()).total).toBe(3);
    await restoreMirror(path, backup);
    expect(taskStatistics(reader.get()).total).toBe(2);
    reader.close();
    rmSync(path);
    expect(await restoreMirror(path, backup)).toMatchObject({ tasks: 2, setAside: null });
    expect(taskStatistics(testMirror(path)).total).toBe(2);
  });

  it('takes the place of a damaged mirror', async () => {
    const { path, backup } = await backedUp();
    writeFileSync(path, 'noise'.repeat(10_000));
    const { setAside } = await restoreMirror(path, backup);
    expect(readFileSync(setAside ?? '', 'utf8')).toMatch(/^noise/);
    expect(taskStatistics(testMirror(path)).total).toBe(2);
  });

  describe('refuses, and changes nothing,', () => {
    const refused = async (
      spoil: (backup: string, path: string) => string | undefined,
      expected: { code: string; message: unknown },
    ) => {
      const { path, backup } = await backedUp();
      const from = spoil(backup, path) ?? backup;
      const before = [content(path), namesBeside(path)];
      await expect(restoreMirror(path, from)).rejects.toMatchObject(expected);
      expect([content(path), namesBeside(path)]).toEqual(before);
    };

    it('a backup with a damaged page', () =>
      refused(
        (backup) => {
          fillPageWithNoise(backup, 'task_states');
          return undefined;
        },
        { code: 'INVALID_INPUT', message: expect.stringMatching(/backup\.db is damaged: /) },
      ));

    it('a file that is no SQLite file', () =>
      refused(
        (backup) => {
          writeFileSync(backup, 'noise'.repeat(10_000));
          return undefined;
        },
        { code: 'INVALID_INPUT', message: expect.stringContaining('is no SQLite file') },
      ));

    it('a backup that was cut off', () =>
      refused(
        (backup) => {
          writeFileSync(backup, readFileSync(backup).subarray(0, statSync(backup).size / 2));
          return undefined;
        },
        { code: 'INVALID_INPUT', message: expect.stringContaining('is damaged') },
      ));

    it('an empty file', () =>
      refused(
        (backup) => {
          writeFileSync(backup, '');
          return undefined;
        },
        { code: 'INVALID_INPUT', message: expect.stringContaining('is no backup of a mirror') },
      ));

    it('another program’s database', () =>
      refused(
        (backup) => {
          rmSync(backup);
          asOtherTool(backup, (db) => db.exec('CREATE TABLE songs (title TEXT)'));
          return undefined;
        },
        { code: 'MIRROR_UNAVAILABLE', message: expect.stringContaining("another program's database") },
      ));

    it('a backup of a newer rekindle', () =>
      refused(
        (backup) => {
          asOtherTool(backup, (db) =>
            db.exec("INSERT INTO schema_migrations (version, name, checksum) VALUES (999, '999.sql', 'x')"),
          );
          return undefined;
        },
        { code: 'MIRROR_NEWER', message: expect.stringContaining('schema 999') },
      ));

    it('a file that is not there', () =>
      refused((backup) => `${backup}.none`, {
        code: 'INVALID_INPUT',
        message: expect.stringContaining('does not exist'),
      }));

    it('the mirror itself, under another name, too', () =>
      refused(
        (_backup, path) => {
          const link = join(dirname(path), 'link.db');
          symlinkSync(path, link);
          return link;
        },
        { code: 'INVALID_INPUT', message: expect.stringContaining('is the mirror itself') },
      ));
  });

  it('that finds no room says so and leaves the mirror', async ({ skip }) => {
    const disk = smallDisk('1m');
    if (!disk) return skip('needs the right to mount a tmpfs');
    const path = join(disk, 'recovery.db');
    const small = testMirror(path);
    upsertTasks(small, [record('a')]);
    small.close();
    const large = testMirror();
    upsertTasks(
      large,
      Array.from({ length: 5000 }, (_, i) => record(`task-${i}`)),
    );
    await expect(restoreMirror(path, large.path)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(readdirSync(disk)).toEqual(['recovery.db']);
    expect(taskStatistics(testMirror(path)).total).toBe(1);
  });
});

describe('looking at a file', () => {
  it('tells a sound one, a missing one, and one overwritten with noise', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('a')]);
    expect(inspectFile(mirror.path)).toEqual({ state: 'sound', problems: [], schema: expect.any(Number) });
    expect(inspectFile(mirrorPath())).toMatchObject({ state: 'missing' });
    mirror.close();
    fillPageWithNoise(mirror.path, 'task_states');
    expect(inspectFile(mirror.path)).toMatchObject({ state: 'damaged', problems: [expect.any(String)] });
  });

  it('says that it is locked when nobody may read it', () => {
    const path = mirrorPath();
    testMirror(path).close();
    const other = new Database(path);
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN EXCLUSIVE');
    try {
      expect(() => inspectFile(path)).toThrowError(/is locked/);
    } finally {
      other.close();
    }
  });
});

describe('a mirror whose WAL was deleted', () => {
  it('while everything runs loses nothing, and readers see all of it again', () => {
    const keeper = testKeeper();
    const reader = testKeeper(keeper.path, { readonly: true });
    upsertTasks(keeper.get(), [record('a'), record('b')]);
    upsertSession(keeper.get(), session);
    expect(taskStatistics(reader.get()).total).toBe(2);
    rmSync(`${keeper.path}-wal`);
    upsertTasks(keeper.get(), [record('c')]);
    expect(taskStatistics(keeper.get()).total).toBe(3);
    expect(taskStatistics(reader.get()).total).toBe(3);
    expect(rows(reader.get(), 'sessions')).toHaveLength(1);
    const generation = keeper.generation;
    upsertTasks(keeper.get(), [record('d')]);
    expect(keeper.generation).toBe(generation);
    reader.close();
    keeper.close();
    expect(inspectFile(keeper.path)).toMatchObject({ state: 'sound' });
    expect(taskStatistics(testMirror(keeper.path)).total).toBe(4);
  });

  it('with its index, and read by another tool meanwhile, loses nothing either', () => {
    const keeper = testKeeper();
    upsertTasks(keeper.get(), [record('a')]);
    rmSync(`${keeper.path}-wal`);
    rmSync(`${keeper.path}-shm`);
    // It may see an old state, or get an error; nothing of it may get into the file.
    const sql = 'SELECT count(*) FROM sqlite_master';
    execFileSync(process.execPath, ['-e', READ, keeper.path, sql], { stdio: 'ignore' });
    upsertTasks(keeper.get(), [record('b')]);
    keeper.close();
    expect(inspectFile(keeper.path)).toMatchObject({ state: 'sound' });
    expect(taskStatistics(testMirror(keeper.path)).total).toBe(2);
  });

  it('is sound or made anew, and Temporal gives what was in the WAL', async () => {
    const mirror = testMirror();
    const source = new FakeSource(Array.from({ length: 400 }, (_, i) => record(`task-${i}`)));
    upsertTasks(mirror, [...source.records.values()].slice(0, 200));
    mirror.direct((c) => c.pragma('wal_checkpoint(TRUNCATE)'));
    upsertTasks(mirror, [...source.records.values()]);
    // As after kill -9: nobody brings the WAL into the file.
    const copy = mirrorPath();
    writeFileSync(copy, readFileSync(mirror.path));
    expect(existsSync(`${mirror.path}-wal`)).toBe(true);
    if (inspectFile(copy).state === 'damaged') await rebuildMirror(copy, source, { damaged: true });
    const keeper = testKeeper(copy);
    expect(taskStatistics(keeper.get()).total).toBeLessThanOrEqual(400);
    await projectOnce(keeper, source, { reconcileMs: 0 });
    expect(taskStatistics(keeper.get()).total).toBe(400);
  });
});

describe('rebuilding a file that is known to be damaged', () => {
  it('sets it aside although all its rows can be read', async () => {
    const mirror = testMirror();
    const source = new FakeSource([record('a')]);
    upsertTasks(mirror, [record('a')]);
    upsertSession(mirror, session);
    mirror.close();
    const result = await rebuildMirror(mirror.path, source, { damaged: true });
    expect(basename(result.setAside ?? '')).toMatch(/^recovery\.db\.damaged-/);
    expect(rows(testMirror(mirror.path), 'sessions')).toHaveLength(1);
  });
});
