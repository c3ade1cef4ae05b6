import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunStatus, TaskRecord } from '../../src/domain/task-record.ts';
import { getTask, listTasks, upsertTasks } from '../../src/mirror/index.ts';
import { asOtherTool, taskRows, testMirror } from './support/mirrors.ts';
import { completed, failed, record, T0 } from './support/records.ts';
import { removeOld } from './support/remove-old.ts';

const row = (path: string, table: string, id: string) =>
  asOtherTool(path, (db) => db.prepare(`SELECT * FROM ${table} WHERE task_id = ?`).get(id));

describe('writing tasks', () => {
  it('puts a record into the documented columns', () => {
    const mirror = testMirror();
    expect(upsertTasks(mirror, [failed('t', T0 + 1000)])).toEqual({ written: 1, failed: 1, rejected: [] });
    expect(row(mirror.path, 'task_states', 't')).toEqual({
      task_id: 't',
      task_type: 'video_download',
      status: 'failed',
      progress: 40,
      data: '{"url":"https://example.com/t"}',
      checkpoint_data:
        '{"step":"transfer","step_index":2,"data":{"downloaded_bytes":1024,"chunk_index":3},"timestamp":"2026-01-02T03:04:06.678Z"}',
      retry_count: 4,
      last_error: 'read ECONNRESET',
      created_at: '2026-01-02 03:04:05.678',
      updated_at: '2026-01-02 03:04:06.678',
    });
    expect(row(mirror.path, 'task_runs', 't')).toMatchObject({
      run_id: 'run-of-t',
      run_status: 'FAILED',
      run_closed_ms: T0 + 1000,
      failure: expect.stringContaining('"rule":"code.ECONNRESET"'),
    });
  });

  it("writes times that SQLite's date functions and CURRENT_TIMESTAMP understand", () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('t', { updatedAtMs: Date.now() - 1000 })]);
    const found = asOtherTool(mirror.path, (db) =>
      db
        .prepare(`SELECT updated_at < CURRENT_TIMESTAMP AS before,
          unixepoch(created_at) AS created, updated_at > datetime('now', '-1 hour') AS recent FROM task_states`)
        .get(),
    );
    expect(found).toEqual({ before: 1, created: Math.floor(T0 / 1000), recent: 1 });
  });

  it('changes nothing the second time, not even the file', () => {
    const mirror = testMirror();
    const records = [record('a'), failed('b', T0 + 5)];
    upsertTasks(mirror, records);
    const version = () => asOtherTool(mirror.path, (db) => db.pragma('data_version'));
    const before = [version(), taskRows(mirror)];
    expect(upsertTasks(mirror, records).written).toBe(0);
    expect([version(), taskRows(mirror)]).toEqual(before);
  });

  it('shows the later run, with the time the first one started', () => {
    const mirror = testMirror();
    const first = failed('t', T0 + 9_000_000);
    const second = record('t', { runId: 'run-2', startedAtMs: T0 + 60_000 });
    upsertTasks(mirror, [second, first]);
    expect(getTask(mirror, 't')).toMatchObject({
      status: 'running',
      created_at: '2026-01-02T03:04:05.678Z',
      updated_at: '2026-01-02T03:05:05.678Z',
    });
  });

  it('shows that a run was closed although its memo is no newer', () => {
    const mirror = testMirror();
    const terminated = record('t', {
      runStatus: 'TERMINATED',
      closedAtMs: T0 + 1,
      state: { status: 'failed' },
    });
    upsertTasks(mirror, [terminated]);
    upsertTasks(mirror, [record('t', { updatedAtMs: T0 + 50 })]);
    expect(getTask(mirror, 't')?.status).toBe('failed');
  });

  it('gives a row that was edited by hand its right content back', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('t')]);
    asOtherTool(mirror.path, (db) => db.exec(`UPDATE task_states SET status = 'completed', data = 'x'`));
    expect(upsertTasks(mirror, [record('t')]).written).toBe(1);
    expect(getTask(mirror, 't')).toMatchObject({ status: 'running', problems: [] });
  });

  it('writes a row again that was deleted by hand', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('t')]);
    asOtherTool(mirror.path, (db) => db.exec('DELETE FROM task_states'));
    expect(upsertTasks(mirror, [record('t')]).written).toBe(1);
  });

  it.each([
    ['no JSON in its data', { state: { data: { when: new Date() } as never } }, 'data.when is a Date'],
    ['a status that is none', { state: { status: 'odd' as never } }, 'status is "odd"'],
    ['a progress that is no number', { state: { progress: Number.NaN } }, 'progress is NaN'],
    ['a time that is none', { state: { updatedAt: 'yesterday' } }, 'updatedAt is NaN'],
  ])('refuses a record with %s, and writes the others', (_, options, problem) => {
    const mirror = testMirror();
    const result = upsertTasks(mirror, [record('bad', options), record('good')]);
    expect(result).toEqual({ written: 1, failed: 0, rejected: [{ taskId: 'bad', problem }] });
    expect(listTasks(mirror).map((task) => task.task_id)).toEqual(['good']);
  });

  it('does not bring back a completed task that was cleaned up', async () => {
    const mirror = testMirror();
    const records = [completed('old', T0 + 1000), completed('new', T0 + 5000), failed('failed', T0 + 1000)];
    upsertTasks(mirror, records);
    expect(await removeOld(mirror, 'tasks', T0 + 2000)).toBe(1);
    upsertTasks(mirror, records);
    expect(listTasks(mirror).map((task) => task.task_id)).toEqual(['new', 'failed']);
  });

  it('ends with the same rows in whatever order and how often the same records come', () => {
    const states: RunStatus[] = ['RUNNING', 'RUNNING', 'COMPLETED', 'FAILED', 'TERMINATED'];
    const anyRecord: fc.Arbitrary<TaskRecord> = fc
      .record({
        id: fc.constantFrom('a', 'b', 'c'),
        run: fc.integer({ min: 0, max: 3 }),
        runStatus: fc.constantFrom(...states),
        updated: fc.integer({ min: 0, max: 4 }),
        progress: fc.integer({ min: 0, max: 100 }),
      })
      .map(({ id, run, runStatus, updated, progress }) =>
        record(id, {
          runId: `run-${run}`,
          startedAtMs: T0 + Math.min(run, 2) * 10,
          runStatus,
          closedAtMs: runStatus === 'RUNNING' ? null : T0 + run * 10 + updated,
          updatedAtMs: T0 + run * 10 + updated,
          state: { progress },
        }),
      );
    const mirror = testMirror();
    const rowsAfter = (batches: readonly (readonly TaskRecord[])[]) => {
      mirror.write((c) => c.run('DELETE FROM task_states') + c.run('DELETE FROM task_runs'));
      for (const batch of batches) upsertTasks(mirror, batch);
      return taskRows(mirror);
    };
    const shuffled = fc
      .array(anyRecord, { maxLength: 12 })
      .chain((records) =>
        fc.tuple(
          fc.constant(records),
          fc.shuffledSubarray([...records, ...records], { minLength: records.length * 2 }),
          fc.integer({ min: 1, max: 5 }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([records, others, size]) => {
        const batches = Array.from({ length: Math.ceil(others.length / size) }, (_, i) =>
          others.slice(i * size, (i + 1) * size),
        );
        expect(rowsAfter(batches)).toEqual(rowsAfter([records]));
      }),
    );
  });
});
