import { describe, expect, it } from 'vitest';
import { checkMirror, upsertTasks } from '../../src/mirror/index.ts';
import { FakeSource } from './support/fake-source.ts';
import { asOtherTool, testMirror } from './support/mirrors.ts';
import { completed, failed, record, T0 } from './support/records.ts';
import { removeOld } from './support/remove-old.ts';

const now = { settleMs: 0 };

describe('checking the mirror', () => {
  it('finds nothing wrong with a mirror that is up to date', async () => {
    const mirror = testMirror();
    const records = [record('a'), failed('b', T0 + 1)];
    upsertTasks(mirror, [...records, record('older-than-retention')]);
    expect(await checkMirror(mirror, new FakeSource(records), now)).toEqual({
      ok: true,
      integrity: [],
      missing: [],
      stale: [],
      extra: 1,
      compared: 2,
      consistency: 1,
    });
  });

  it('finds what is missing and what is stale', async () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('a'), record('b'), record('c')]);
    asOtherTool(mirror.path, (db) => db.exec(`UPDATE task_states SET progress = 7 WHERE task_id = 'c'`));
    const later = record('b', { updatedAtMs: T0 + 5, state: { status: 'paused' } });
    const source = new FakeSource([record('a'), later, record('c'), record('d')]);
    expect(await checkMirror(mirror, source, now)).toEqual({
      ok: false,
      integrity: [],
      missing: ['d'],
      stale: [
        { task_id: 'b', field: 'status', mirror: 'running', temporal: 'paused' },
        {
          task_id: 'b',
          field: 'updated_at',
          mirror: '2026-01-02 03:04:05.678',
          temporal: '2026-01-02 03:04:05.683',
        },
        { task_id: 'c', field: 'progress', mirror: 7, temporal: 40 },
      ],
      extra: 0,
      compared: 4,
      consistency: 0.25,
    });
  });

  it('looks again at what differs, since the projector is a moment behind', async () => {
    const mirror = testMirror();
    const source = new FakeSource([record('a'), record('b')]);
    const checking = checkMirror(mirror, source, { settleMs: 50 });
    setTimeout(() => upsertTasks(mirror, [record('a', { updatedAtMs: T0 + 1 }), record('b')]), 10);
    expect(await checking).toMatchObject({ ok: true, compared: 2 });
  });

  it('does not take an earlier run for a difference', async () => {
    const mirror = testMirror();
    const records = [failed('t', T0 + 10), record('t', { runId: 'run-2', startedAtMs: T0 + 60_000 })];
    upsertTasks(mirror, records);
    expect(await checkMirror(mirror, new FakeSource(records), now)).toMatchObject({ ok: true, compared: 1 });
  });

  it('reports a task with several runs once, by its latest', async () => {
    const mirror = testMirror();
    const first = failed('t', T0 + 10);
    const second = record('t', { runId: 'run-2', startedAtMs: T0 + 60_000 });
    upsertTasks(mirror, [record('t', { updatedAtMs: T0 + 1 })]);
    const { stale } = await checkMirror(mirror, new FakeSource([second, first]), now);
    expect(stale).toEqual([
      {
        task_id: 't',
        field: 'updated_at',
        mirror: '2026-01-02 03:04:05.679',
        temporal: '2026-01-02 03:05:05.678',
      },
    ]);
    const missing = await checkMirror(testMirror(), new FakeSource([second, first]), now);
    expect(missing).toMatchObject({ missing: ['t'], compared: 1, consistency: 0 });
  });

  it('does not miss tasks that were cleaned up', async () => {
    const mirror = testMirror();
    const source = new FakeSource([completed('t', T0 + 1), record('u')]);
    upsertTasks(mirror, [...source.records.values()]);
    await removeOld(mirror, 'tasks', T0 + 100);
    expect(await checkMirror(mirror, source, now)).toMatchObject({ ok: true, compared: 1, extra: 0 });
  });

  it('counts an empty Temporal as consistent', async () => {
    expect(await checkMirror(testMirror(), new FakeSource())).toMatchObject({ ok: true, consistency: 1 });
  });

  it('reports what SQLite finds wrong with the file', async () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('a')]);
    asOtherTool(mirror.path, (db) => {
      db.unsafeMode();
      db.pragma('writable_schema = ON');
      db.exec(`UPDATE sqlite_master SET rootpage = 2 WHERE name = 'task_states_by_status'`);
    });
    mirror.close();
    const found = await checkMirror(testMirror(mirror.path, { readonly: true }), new FakeSource(), now);
    expect(found.ok).toBe(false);
    expect(found.integrity.length).toBeGreaterThan(0);
  });
});
