import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  appendRecoveryLog,
  getRecoveryHistory,
  getSession,
  getTask,
  listFailures,
  listTasks,
  type Mirror,
  openMirror,
  putMessage,
  rebuildMirror,
  recordHandling,
  recordVerdict,
  taskStatistics,
  upsertSession,
  upsertTasks,
} from '../../src/mirror/index.ts';
import { loadMigrations } from '../../src/mirror/migrations.ts';
import { handling, note, rows } from './support/failures.ts';
import { FakeSource } from './support/fake-source.ts';
import { asOtherTool, fillPageWithNoise, mirrorPath, testKeeper, testMirror } from './support/mirrors.ts';
import { completed, failed, record, T0 } from './support/records.ts';
import { removeOld } from './support/remove-old.ts';

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
    await removeOld(old, 'tasks', T0 + 1);
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

  it('takes failures and recoveries from Temporal, and from the old file what Temporal forgot', async () => {
    const old = testMirror();
    const runs = (id: string) => {
      const first = failed(id, T0 + 1000);
      const recovered = (state: object, rest: object) => ({
        ...record(id, { runId: `run-2-of-${id}`, startedAtMs: T0 + 2000, ...rest }),
        state: { ...first.state, recoveryAttempts: 1, ...state },
      });
      const running = recovered({ recoveryNotes: [note()], status: 'running' }, {});
      const ended = recovered(
        { recoveryNotes: [note({ outcome: 'failed' })] },
        { runStatus: 'FAILED', closedAtMs: T0 + 5000 },
      );
      return { first, running, ended };
    };
    const [kept, forgotten] = [runs('kept'), runs('forgotten')];
    upsertTasks(old, [kept.first, kept.running, kept.ended, forgotten.first, forgotten.ended]);
    recordHandling(old, [handling('run-of-kept'), handling('run-of-forgotten')]);
    recordVerdict(old, { runId: 'run-of-forgotten', rightCategory: 'unknown', atMs: T0 });
    putMessage(old, {
      id: 'm',
      team: 'finance',
      audience: 'user',
      priority: 'high',
      subject: 's',
      body: 'b',
      count: 1,
      taskIds: [],
      atMs: T0,
    });
    const tables = ['failures', 'task_recoveries', 'failure_handling', 'classification_verdicts', 'messages'];
    const logs = 'recovery_type, task_id, status, created_at, details';
    const all = (mirror: Mirror) => [
      ...tables.map((table) => rows(mirror, table, '*', '1')),
      rows(mirror, 'recovery_logs', logs, 'created_at, task_id, status'),
    ];
    const before = all(old);
    expect(before.map((found) => found.length)).toEqual([4, 2, 2, 1, 1, 4]);
    old.close();
    await rebuildMirror(old.path, new FakeSource([kept.ended, kept.first]));
    const mirror = testMirror(old.path);
    expect(all(mirror)).toEqual(before);
    // Nothing is written a second time with the next look at Temporal.
    upsertTasks(mirror, [kept.ended, kept.first, forgotten.first, forgotten.ended]);
    recordHandling(mirror, [handling('run-of-kept')]);
    expect(all(mirror)).toEqual(before);
  });

  it('does not bring back failures that were cleaned up', async () => {
    const old = testMirror();
    const records = [failed('old', T0 + 1000), failed('new', T0 + 9000)];
    upsertTasks(old, records);
    await removeOld(old, 'failures', T0 + 5000);
    old.close();
    await rebuildMirror(old.path, new FakeSource(records), { fingerprintOf: () => ({ fingerprint: 'f' }) });
    expect(listFailures(testMirror(old.path))).toMatchObject([{ task_id: 'new', fingerprint: 'f' }]);
  });

  it('keeps the first of two runs that carry the note of one recovery, whichever file knows it', async () => {
    const old = testMirror();
    const state = { recoveryAttempts: 1, recoveryNotes: [note()], status: 'failed' } as const;
    const recovered = record('t', { runId: 'run-2', runStatus: 'TERMINATED', closedAtMs: T0 + 5000, state });
    const byHand = record('t', {
      ...recovered,
      runId: 'run-3',
      startedAtMs: T0 + 6000,
      closedAtMs: T0 + 9000,
    });
    upsertTasks(old, [recovered]);
    old.close();
    await rebuildMirror(old.path, new FakeSource([byHand]));
    expect(rows(testMirror(old.path), 'task_recoveries', 'run_id')).toEqual([{ run_id: 'run-2' }]);
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
