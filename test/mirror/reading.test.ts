import { describe, expect, it } from 'vitest';
import {
  appendRecoveryLog,
  databaseStatistics,
  getRecoveryHistory,
  getSession,
  getTask,
  integrityCheck,
  listSessions,
  listTasks,
  taskStatistics,
  upsertSession,
  upsertTasks,
} from '../../src/mirror/index.ts';
import { loadMigrations } from '../../src/mirror/migrations.ts';
import { asOtherTool, testMirror } from './support/mirrors.ts';
import { completed, failed, record, T0 } from './support/records.ts';
import { removeOld } from './support/remove-old.ts';

const HOUR = 3_600_000;

describe('listing tasks', () => {
  it('filters by status, type and age, the last changed first', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [
      record('a', { updatedAtMs: T0 }),
      record('b', { updatedAtMs: T0 + 10 }),
      record('c', { updatedAtMs: T0 + 20, state: { taskType: 'login' } }),
      failed('d', T0 + 30),
    ]);
    const ids = (filter: Parameters<typeof listTasks>[1]) =>
      listTasks(mirror, filter, T0 + 1000).map((task) => task.task_id);
    expect(ids({})).toEqual(['d', 'c', 'b', 'a']);
    expect(ids({ status: 'running' })).toEqual(['c', 'b', 'a']);
    expect(ids({ type: 'login' })).toEqual(['c']);
    expect(ids({ olderThanMs: 985 })).toEqual(['b', 'a']);
    expect(ids({ status: 'running', type: 'video_download', olderThanMs: 995 })).toEqual(['a']);
    expect(ids({ limit: 2, offset: 1 })).toEqual(['c', 'b']);
  });

  it('gives the checkpoint and the data as they were written', () => {
    const mirror = testMirror();
    const task = failed('t', T0 + 1);
    upsertTasks(mirror, [task]);
    expect(getTask(mirror, 't')).toEqual({
      task_id: 't',
      task_type: 'video_download',
      status: 'failed',
      progress: 40,
      data: task.state.data,
      checkpoint: task.state.checkpoint,
      retry_count: 4,
      last_error: 'read ECONNRESET',
      created_at: new Date(T0).toISOString(),
      updated_at: new Date(T0 + 1).toISOString(),
      problems: [],
    });
    expect(getTask(mirror, 'nobody')).toBeUndefined();
  });

  it('names the task and the column of damaged JSON, and lists the others', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [
      record('a', { updatedAtMs: T0 + 1 }),
      failed('b', T0),
      record('c', { updatedAtMs: T0 - 1 }),
    ]);
    asOtherTool(mirror.path, (db) => {
      db.exec(`UPDATE task_states SET data = '{"url": "http' WHERE task_id = 'a'`);
      db.exec(`UPDATE task_states SET checkpoint_data = '{"step":"transfer"}' WHERE task_id = 'b'`);
      db.exec(`UPDATE task_states SET data = '[]', updated_at = 'noon' WHERE task_id = 'c'`);
    });
    const tasks = listTasks(mirror);
    expect(Object.fromEntries(tasks.map((task) => [task.task_id, task.problems]))).toEqual({
      a: [expect.stringMatching(/^task a, column data: no valid JSON \(/)],
      b: [
        expect.stringMatching(
          /^task b, column checkpoint_data: the checkpoint is damaged: step_index is missing/,
        ),
      ],
      c: ['task c, column data: expected a JSON object'],
    });
    expect(tasks.find((task) => task.task_id === 'c')?.updated_at).toBe('noon');
  });
});

describe('sessions', () => {
  const session = { sessionId: 's', userId: 'u', sessionType: 'recovery', status: 'active' };

  it('are written, changed and read', () => {
    const mirror = testMirror();
    upsertSession(mirror, { ...session, updatedAtMs: T0, expiresAtMs: T0 + HOUR, data: { tasks: ['t'] } });
    expect(upsertSession(mirror, { ...session, status: 'done', updatedAtMs: T0 + 5 })).toBe(true);
    expect(getSession(mirror, 's')).toEqual({
      session_id: 's',
      user_id: 'u',
      session_type: 'recovery',
      status: 'done',
      data: null,
      created_at: new Date(T0).toISOString(),
      updated_at: new Date(T0 + 5).toISOString(),
      expires_at: null,
      problems: [],
    });
    expect(listSessions(mirror, 'done')).toHaveLength(1);
    expect(getSession(mirror, 'nobody')).toBeUndefined();
  });

  it('never go back to an older state', () => {
    const mirror = testMirror();
    upsertSession(mirror, { ...session, status: 'done', updatedAtMs: T0 + 5, expiresAtMs: T0 });
    expect(upsertSession(mirror, { ...session, updatedAtMs: T0 })).toBe(false);
    expect(getSession(mirror, 's')).toMatchObject({ status: 'done', expires_at: new Date(T0).toISOString() });
  });

  it('refuse data that is no JSON', () => {
    const mirror = testMirror();
    expect(() => upsertSession(mirror, { ...session, data: { n: Number.NaN } })).toThrowError(
      expect.objectContaining({ code: 'INVALID_INPUT', message: 'session s: data.n is NaN' }),
    );
  });

  it('are removed when they are old', async () => {
    const mirror = testMirror();
    upsertSession(mirror, { ...session, updatedAtMs: T0 });
    upsertSession(mirror, { ...session, sessionId: 's-2', updatedAtMs: T0 + 2 });
    expect(await removeOld(mirror, 'sessions', T0 + 1)).toBe(1);
    expect(getSession(mirror, 's-2')).toBeDefined();
  });
});

describe('the recovery log', () => {
  const entry = { recoveryType: 'task_recovery', status: 'success', taskId: 't' };

  it('gives the last hours, by type, the newest first', () => {
    const mirror = testMirror();
    appendRecoveryLog(mirror, { ...entry, createdAtMs: T0 - 25 * HOUR });
    appendRecoveryLog(mirror, { ...entry, createdAtMs: T0 - HOUR, details: { delay: 30 } });
    appendRecoveryLog(mirror, { recoveryType: 'crash_recovery', status: 'success', createdAtMs: T0 });
    const statuses = (filter: Parameters<typeof getRecoveryHistory>[1]) =>
      getRecoveryHistory(mirror, filter, T0).map((log) => [log.id, log.recovery_type]);
    expect(statuses({})).toEqual([
      [3, 'crash_recovery'],
      [2, 'task_recovery'],
    ]);
    expect(statuses({ hours: 26, recoveryType: 'task_recovery' })).toEqual([
      [2, 'task_recovery'],
      [1, 'task_recovery'],
    ]);
    expect(getRecoveryHistory(mirror, { limit: 2 }, T0)[1]).toMatchObject({
      details: { delay: 30 },
      task_id: 't',
      session_id: null,
      created_at: new Date(T0 - HOUR).toISOString(),
    });
  });

  it('takes an event with a key once', () => {
    const mirror = testMirror();
    const id = appendRecoveryLog(mirror, { ...entry, key: 'run-1/activity-7' });
    expect(appendRecoveryLog(mirror, { ...entry, key: 'run-1/activity-7' })).toBe(id);
    expect(appendRecoveryLog(mirror, { ...entry, key: 'run-1/activity-8' })).not.toBe(id);
    expect(getRecoveryHistory(mirror)).toHaveLength(2);
  });

  it('reports damaged details and refuses to write them', () => {
    const mirror = testMirror();
    appendRecoveryLog(mirror, entry);
    asOtherTool(mirror.path, (db) => db.exec(`UPDATE recovery_logs SET details = '{'`));
    expect(getRecoveryHistory(mirror)[0]?.problems).toEqual([
      expect.stringMatching(/^recovery log 1, column details: no valid JSON/),
    ]);
    expect(() => appendRecoveryLog(mirror, { ...entry, details: { f: (() => {}) as never } })).toThrowError(
      /details\.f is a function/,
    );
  });

  it('forgets old entries with their keys', async () => {
    const mirror = testMirror();
    appendRecoveryLog(mirror, { ...entry, key: 'k', createdAtMs: T0 });
    expect(await removeOld(mirror, 'recoveryLogs', T0 + 1)).toBe(1);
    expect(appendRecoveryLog(mirror, { ...entry, key: 'k' })).toBe(2);
  });
});

describe('statistics', () => {
  it('count the tasks by status and type, and those that can go on', () => {
    const mirror = testMirror();
    const checkpoint = failed('x', T0).state.checkpoint;
    upsertTasks(mirror, [
      record('a', { state: { checkpoint } }),
      record('b', { state: { taskType: 'login' } }),
      failed('c', T0 + 1),
      { ...completed('d', T0 + 1), state: { ...completed('d', T0 + 1).state, checkpoint } },
    ]);
    expect(taskStatistics(mirror)).toEqual({
      total: 4,
      resumable_count: 2,
      by_status: { pending: 0, running: 2, paused: 0, recovering: 0, completed: 1, failed: 1 },
      by_type: { login: 1, video_download: 3 },
    });
  });

  it('measure the file', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [record('a'), record('b')]);
    appendRecoveryLog(mirror, { recoveryType: 'r', status: 's' });
    const found = databaseStatistics(mirror);
    expect(found).toMatchObject({
      path: mirror.path,
      schema_version: loadMigrations().length,
      task_count: 2,
      session_count: 0,
      recovery_log_count: 1,
      failure_count: 0,
      notification_count: 0,
      last_projected_at: null,
      last_reconciled_at: null,
    });
    expect(found.db_size).toBeGreaterThan(0);
    expect(found.wal_size).toBeGreaterThan(0);
    expect(integrityCheck(mirror)).toEqual([]);
  });
});
