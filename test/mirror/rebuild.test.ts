import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  appendRecoveryLog,
  deleteTasksCompletedBefore,
  getRecoveryHistory,
  getSession,
  getTask,
  listTasks,
  openMirror,
  rebuildMirror,
  taskStatistics,
  upsertSession,
  upsertTasks,
} from '../../src/mirror/index.ts';
import { loadMigrations } from '../../src/mirror/migrations.ts';
import { FakeSource } from './support/fake-source.ts';
import { asOtherTool, fillPageWithNoise, mirrorPath, testKeeper, testMirror } from './support/mirrors.ts';
import { completed, record, T0 } from './support/records.ts';

const filesBeside = (path: string) => readdirSync(dirname(path)).sort();

describe('rebuilding the mirror', () => {
  it('makes one from nothing, and says how far it is', async () => {
    const path = mirrorPath();
    const source = new FakeSource(
      Array.from({ length: 1200 }, (_, i) => record(`t-${i}`)),
      1000,
    );
    const progress: number[] = [];
    const result = await rebuildMirror(path, source, { onProgress: (n) => progress.push(n) });
    expect(result).toEqual({ records: 1200, kept: {}, problems: [], setAside: null });
    expect(progress).toEqual([500, 1000, 1200]);
    expect(filesBeside(path)).toEqual(['recovery.db']);
    expect(taskStatistics(testMirror(path)).total).toBe(1200);
  });

  it('keeps what Temporal does not know, and takes the tasks from Temporal', async () => {
    const old = testMirror();
    const { path } = old;
    upsertTasks(old, [
      record('older-than-retention'),
      record('t', { startedAtMs: T0 - 5000 }),
      completed('c', T0),
    ]);
    asOtherTool(path, (db) => db.exec(`UPDATE task_runs SET version = 'zzz' WHERE task_id = 't'`));
    upsertSession(old, { sessionId: 's', userId: 'u', sessionType: 'login', status: 'active' });
    appendRecoveryLog(old, { recoveryType: 'task_recovery', status: 'success', key: 'k' });
    deleteTasksCompletedBefore(old, T0 + 1);
    old.close();

    const second = record('t', { runId: 'run-2', state: { status: 'paused' } });
    const result = await rebuildMirror(path, new FakeSource([second, completed('c', T0)]));
    expect(result.kept).toMatchObject({
      sessions: 1,
      recovery_logs: 1,
      recovery_log_keys: 1,
      task_states: 1,
    });
    const mirror = testMirror(path);
    expect(listTasks(mirror).map((task) => task.task_id)).toEqual(['older-than-retention', 't']);
    expect(getTask(mirror, 't')).toMatchObject({
      status: 'paused',
      created_at: new Date(T0 - 5000).toISOString(),
    });
    expect(getSession(mirror, 's')).toBeDefined();
    expect(getRecoveryHistory(mirror)).toHaveLength(1);
  });

  it('keeps the rows of a file with an older schema', async () => {
    const path = mirrorPath();
    openMirror(path, {}, loadMigrations().slice(0, 1)).close();
    asOtherTool(path, (db) =>
      db.exec(`INSERT INTO task_states (task_id, task_type, status) VALUES ('t', 'login', 'failed')`),
    );
    expect((await rebuildMirror(path, new FakeSource())).kept).toMatchObject({ task_states: 1 });
    expect(getTask(testMirror(path), 't')?.status).toBe('failed');
  });

  it('sets a damaged file aside', async () => {
    const path = mirrorPath();
    writeFileSync(path, 'noise'.repeat(5000));
    const result = await rebuildMirror(path, new FakeSource([record('t')]));
    expect(result).toMatchObject({ records: 1, kept: {} });
    expect(result.setAside && existsSync(result.setAside)).toBe(true);
    expect(getTask(testMirror(path), 't')).toBeDefined();
  });

  it('keeps a file as evidence of which a part cannot be read, and takes the rest', async () => {
    const old = testMirror();
    upsertTasks(old, [record('t')]);
    upsertSession(old, { sessionId: 's', userId: 'u', sessionType: 'login', status: 'active' });
    old.close();
    fillPageWithNoise(old.path, 'task_states');
    const result = await rebuildMirror(old.path, new FakeSource([record('t')]));
    expect(result.problems).toEqual([expect.stringMatching(/^task_states after 0 rows: .*malformed/)]);
    expect(result.setAside && existsSync(result.setAside)).toBe(true);
    expect(getSession(testMirror(old.path), 's')).toBeDefined();
  });

  it('leaves the old file as it is when Temporal fails half-way', async () => {
    const old = testMirror();
    upsertTasks(old, [record('t')]);
    old.close();
    const failing = {
      async *changedSince() {},
      async *all() {
        yield [record('u')];
        throw new Error('14 UNAVAILABLE');
      },
    };
    await expect(rebuildMirror(old.path, failing)).rejects.toThrowError('14 UNAVAILABLE');
    expect(filesBeside(old.path).filter((name) => name.includes('rebuild'))).toEqual([]);
    expect(listTasks(testMirror(old.path)).map((task) => task.task_id)).toEqual(['t']);
  });

  it('replaces what an earlier rebuild that was killed left', async () => {
    const path = mirrorPath();
    writeFileSync(`${path}.rebuild`, 'half');
    await rebuildMirror(path, new FakeSource([record('t')]));
    expect(filesBeside(path)).toEqual(['recovery.db']);
  });

  it("refuses to replace a newer rekindle's file or another program's", async () => {
    const path = mirrorPath();
    asOtherTool(path, (db) => db.exec('CREATE TABLE customers (id)'));
    await expect(rebuildMirror(path, new FakeSource())).rejects.toThrowError(/another program's database/);
    const newer = mirrorPath();
    openMirror(newer).close();
    asOtherTool(newer, (db) => db.exec(`INSERT INTO schema_migrations VALUES (99, 'x', 'x', '')`));
    await expect(rebuildMirror(newer, new FakeSource())).rejects.toMatchObject({ code: 'MIRROR_NEWER' });
  });

  it('names tasks that cannot be written', async () => {
    const bad = record('bad', { state: { progress: Number.NaN } });
    expect((await rebuildMirror(mirrorPath(), new FakeSource([bad]))).problems).toEqual([
      'task bad: progress is NaN',
    ]);
  });

  it('is noticed by whoever has the mirror open', async () => {
    const keeper = testKeeper();
    upsertTasks(keeper.get(), [record('old')]);
    await rebuildMirror(keeper.path, new FakeSource([record('new')]));
    expect(taskStatistics(keeper.get()).total).toBe(2);
    expect(upsertTasks(keeper.get(), [record('newer')]).written).toBe(1);
    keeper.close();
    expect(filesBeside(keeper.path)).toEqual(['recovery.db']);
    expect(taskStatistics(testMirror(keeper.path)).total).toBe(3);
  });
});
