import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  appendRecoveryLog,
  type CleanUpKind,
  checkMirror,
  cleanUp,
  giveSpaceBack,
  type Mirror,
  markMessagesRead,
  putMessage,
  rebuildMirror,
  recordDelivery,
  recordHandling,
  recordHealthCheck,
  recordNotifications,
  recordReconciliation,
  upsertSession,
  upsertTasks,
} from '../../src/mirror/index.ts';
import { failedAs, handling, rows } from './support/failures.ts';
import { FakeSource } from './support/fake-source.ts';
import { asOtherTool, mirrorPath, testKeeper, testMirror } from './support/mirrors.ts';
import { completed, failed, record, T0 } from './support/records.ts';

/** For each kind: writes one that is as old as `atMs`, and the tables it is in. */
const KINDS: Record<CleanUpKind, { write: (mirror: Mirror, atMs: number) => void; tables: string[] }> = {
  tasks: {
    write: (mirror, atMs) => void upsertTasks(mirror, [completed(`task-${atMs}`, atMs)]),
    tables: ['task_states', 'task_runs'],
  },
  sessions: {
    write: (mirror, atMs) =>
      void upsertSession(mirror, {
        sessionId: `s-${atMs}`,
        userId: 'u',
        sessionType: 'login',
        status: 'active',
        createdAtMs: T0 - 1e9,
        updatedAtMs: atMs,
      }),
    tables: ['sessions'],
  },
  recoveryLogs: {
    write: (mirror, atMs) =>
      void appendRecoveryLog(mirror, {
        recoveryType: 'task_recovery',
        status: 'completed',
        createdAtMs: atMs,
        key: `k-${atMs}`,
      }),
    tables: ['recovery_logs', 'recovery_log_keys'],
  },
  failures: {
    write(mirror, atMs) {
      const run = failedAs('recoverable_network', atMs);
      upsertTasks(mirror, [run]);
      recordHandling(mirror, [handling(run.runId, { failedAtMs: atMs, action: 'skipped' })]);
    },
    tables: ['failures', 'failure_handling'],
  },
  notifications: {
    write(mirror, atMs) {
      recordNotifications(mirror, [
        {
          id: `n-${atMs}`,
          kind: 'test',
          audience: 'user',
          priority: 'normal',
          groupKey: 'g',
          message: 'm',
          occurredAtMs: atMs,
          decidedAtMs: atMs,
          loggedAtMs: atMs,
        },
      ]);
      recordDelivery(mirror, {
        digestId: `g/${atMs}`,
        channel: 'email',
        status: 'retrying',
        attempts: 1,
        error: null,
        count: 1,
        decidedAtMs: atMs,
        lastDecidedAtMs: atMs,
        atMs,
        groupKey: 'g',
      } as never);
    },
    tables: ['notifications', 'notification_deliveries'],
  },
  messages: {
    write(mirror, atMs) {
      const id = `m-${atMs}`;
      const said = { team: 'finance', audience: 'user', priority: 'normal', subject: 's', body: 'b' };
      putMessage(mirror, { id, ...said, count: 1, taskIds: [], atMs: T0 - 1e9 });
      markMessagesRead(mirror, { ids: [id], team: null, atMs });
    },
    tables: ['messages'],
  },
  measurements: {
    write(mirror, atMs) {
      recordHealthCheck(mirror, { atMs, available: true });
      recordReconciliation(mirror, { atMs, compared: 1, agreed: 1 });
    },
    tables: ['health_checks', 'reconciliations'],
  },
};

const countIn = (mirror: Mirror, tables: readonly string[]) =>
  tables.map((table) => rows(mirror, table).length);

describe('cleaning up', () => {
  it.each(Object.keys(KINDS) as CleanUpKind[])(
    '%s removes what is older, to the millisecond',
    async (kind) => {
      const { write, tables } = KINDS[kind];
      const keeper = testKeeper();
      for (const ms of [-1, 0, 1]) write(keeper.get(), T0 + ms);
      expect(countIn(keeper.get(), tables)).toEqual(tables.map(() => 3));
      const counted = kind === 'measurements' ? 2 : 1;
      expect(await cleanUp(keeper, kind, T0)).toBe(counted);
      expect(countIn(keeper.get(), tables)).toEqual(tables.map(() => 2));
      // Once more changes nothing; the next millisecond takes the next one.
      expect(await cleanUp(keeper, kind, T0)).toBe(0);
      expect(await cleanUp(keeper, kind, T0 + 1)).toBe(counted);
      expect(countIn(keeper.get(), tables)).toEqual(tables.map(() => 1));
    },
  );

  it('leaves tasks that are not completed, however old', async () => {
    const keeper = testKeeper();
    upsertTasks(keeper.get(), [record('running'), failed('failed', T0), completed('done', T0)]);
    expect(await cleanUp(keeper, 'tasks', T0 + 1e12)).toBe(1);
    expect(rows(keeper.get(), 'task_states', 'task_id')).toEqual([
      { task_id: 'failed' },
      { task_id: 'running' },
    ]);
  });

  it('leaves in-app messages that nobody has read, however old', async () => {
    const keeper = testKeeper();
    const said = { team: 'finance', audience: 'user', priority: 'normal', subject: 's', body: 'b' };
    putMessage(keeper.get(), { id: 'unread', ...said, count: 1, taskIds: [], atMs: T0 });
    expect(await cleanUp(keeper, 'messages', T0 + 1e12)).toBe(0);
    expect(rows(keeper.get(), 'messages')).toHaveLength(1);
  });

  it('brings neither tasks nor failures back that Temporal still has', async () => {
    const keeper = testKeeper();
    const known = [completed('done', T0), failed('failed', T0)];
    upsertTasks(keeper.get(), known);
    await cleanUp(keeper, 'tasks', T0 + 1);
    await cleanUp(keeper, 'failures', T0 + 1);
    upsertTasks(keeper.get(), known);
    expect(rows(keeper.get(), 'task_states', 'task_id')).toEqual([{ task_id: 'failed' }]);
    expect(rows(keeper.get(), 'failures')).toEqual([]);
  });

  describe('of a task that failed first and was recovered', () => {
    const firstRun = { ...failed('healed', T0), runId: 'run-1' };
    const lastRun = {
      ...completed('healed', T0 + 2000),
      runId: 'run-2',
      startedAtMs: T0 + 1000,
    };
    const healed = { ...lastRun, state: { ...lastRun.state, recoveryAttempts: 1 } };

    it.each([
      ['the earlier run', [firstRun]],
      ['both, the later one first', [healed, firstRun]],
      ['both, the earlier one first', [firstRun, healed]],
    ])('it does not come back when Temporal still has %s', async (_, still) => {
      const keeper = testKeeper();
      upsertTasks(keeper.get(), [firstRun, healed]);
      await cleanUp(keeper, 'tasks', T0 + 3000);
      for (const run of still) upsertTasks(keeper.get(), [run]);
      expect(rows(keeper.get(), 'task_states')).toEqual([]);
      const check = await checkMirror(keeper.get(), new FakeSource(still), { settleMs: 0 });
      expect(check).toMatchObject({ ok: true, missing: [], compared: 0 });
    });

    it('it does not come back with a mirror that is made anew', async () => {
      const keeper = testKeeper();
      upsertTasks(keeper.get(), [firstRun, healed]);
      await cleanUp(keeper, 'tasks', T0 + 3000);
      await rebuildMirror(keeper.path, new FakeSource([firstRun]));
      expect(rows(testMirror(keeper.path), 'task_states')).toEqual([]);
    });

    it('it comes after the clean-up for the first time, and stays away', async () => {
      const keeper = testKeeper();
      await cleanUp(keeper, 'tasks', T0 + 3000);
      upsertTasks(keeper.get(), [healed, firstRun]);
      expect(rows(keeper.get(), 'task_states')).toEqual([]);
    });

    it('it comes back with a newer run than the one that was cleaned up', async () => {
      const keeper = testKeeper();
      upsertTasks(keeper.get(), [firstRun, healed]);
      await cleanUp(keeper, 'tasks', T0 + 3000);
      const again = record('healed', { runId: 'run-3', startedAtMs: T0 + 4000 });
      upsertTasks(keeper.get(), [again, healed, firstRun]);
      expect(rows(keeper.get(), 'task_states', 'task_id, status')).toEqual([
        { task_id: 'healed', status: 'running' },
      ]);
    });
  });

  it('gives thread and file to others between its short transactions', async () => {
    const keeper = testKeeper();
    const many = Array.from({ length: 6000 }, (_, i) => completed(`task-${i}`, T0));
    upsertTasks(keeper.get(), many);
    let steps = 0;
    let longestMs = 0;
    let last = performance.now();
    const ticking = setInterval(() => {
      const now = performance.now();
      longestMs = Math.max(longestMs, now - last);
      last = now;
    }, 1);
    const cleaning = cleanUp(keeper, 'tasks', T0 + 1, { onStep: () => (steps += 1) });
    // Another process writes meanwhile.
    await new Promise(setImmediate);
    asOtherTool(keeper.path, (db) =>
      db.exec("INSERT INTO sessions (session_id, user_id, session_type, status) VALUES ('s', 'u', 't', 'x')"),
    );
    expect(await cleaning).toBe(6000);
    clearInterval(ticking);
    expect(steps).toBeGreaterThan(12);
    expect(longestMs).toBeLessThan(1000);
    expect(rows(keeper.get(), 'task_runs')).toEqual([]);
  });

  it('that is broken off goes on with the rest', async () => {
    const keeper = testKeeper();
    upsertTasks(
      keeper.get(),
      Array.from({ length: 1200 }, (_, i) => completed(`task-${i}`, T0)),
    );
    const ending = new AbortController();
    let steps = 0;
    const onStep = () => {
      steps += 1;
      if (steps === 2) ending.abort(new Error('stopped'));
    };
    await expect(cleanUp(keeper, 'tasks', T0 + 1, { signal: ending.signal, onStep })).rejects.toThrowError(
      'stopped',
    );
    expect(rows(keeper.get(), 'task_states')).toHaveLength(700);
    expect(await cleanUp(keeper, 'tasks', T0 + 1)).toBe(700);
  });

  it('of a mirror that another program holds locked says so, and removes nothing', async () => {
    const keeper = testKeeper(mirrorPath(), { busyTimeoutMs: 50 });
    upsertTasks(keeper.get(), [completed('done', T0)]);
    const other = new Database(keeper.path);
    other.exec('BEGIN IMMEDIATE');
    await expect(cleanUp(keeper, 'tasks', T0 + 1)).rejects.toMatchObject({
      code: 'MIRROR_UNAVAILABLE',
      message: expect.stringContaining('is locked by another process'),
    });
    other.close();
    expect(rows(keeper.get(), 'task_states')).toHaveLength(1);
  });
});

describe('the space of what was removed', () => {
  const many = Array.from({ length: 6000 }, (_, i) => completed(`task-${i}`, T0));

  it('is given back to the disk piece by piece, while others read', async () => {
    const keeper = testKeeper();
    upsertTasks(keeper.get(), many);
    keeper.get().direct((c) => c.pragma('wal_checkpoint(TRUNCATE)'));
    const full = statSync(keeper.path).size;
    const reader = testMirror(keeper.path, { readonly: true });
    await cleanUp(keeper, 'tasks', T0 + 1);
    let steps = 0;
    const given = await giveSpaceBack(keeper, { fromShare: 0.25, onStep: () => (steps += 1) });
    expect(given.freeBefore).toBeGreaterThan(0.5);
    expect(given.freeAfter).toBe(0);
    expect(steps).toBeGreaterThan(2);
    expect(rows(reader, 'task_states')).toEqual([]);
    expect(statSync(keeper.path).size).toBeLessThan(full / 2);
    expect(given.bytes).toBe(full - statSync(keeper.path).size);
    expect(await giveSpaceBack(keeper)).toEqual({ freeBefore: 0, freeAfter: 0, bytes: 0 });
  });

  it('stays where it is below the share that is worth it', async () => {
    const keeper = testKeeper();
    upsertTasks(keeper.get(), many);
    keeper.get().write((c) => c.run("DELETE FROM task_states WHERE task_id GLOB 'task-1*'"));
    const given = await giveSpaceBack(keeper, { fromShare: 0.9 });
    expect(given).toMatchObject({ bytes: 0 });
    expect(given.freeAfter).toBe(given.freeBefore);
  });

  it('of a file of an early version is given back, too', async () => {
    const path = mirrorPath();
    testMirror(path).close();
    asOtherTool(path, (db) => {
      db.pragma('journal_mode = DELETE');
      db.pragma('auto_vacuum = NONE');
      db.exec('VACUUM');
    });
    const keeper = testKeeper(path);
    expect(keeper.get().direct((c) => c.pragma('auto_vacuum'))).toBe(0);
    upsertTasks(keeper.get(), many);
    await cleanUp(keeper, 'tasks', T0 + 1);
    expect(await giveSpaceBack(keeper, { fromShare: 0.25 })).toMatchObject({ freeAfter: 0 });
    expect(keeper.get().direct((c) => c.pragma('auto_vacuum'))).toBe(2);
  });
});
