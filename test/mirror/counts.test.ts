import { describe, expect, it, vi } from 'vitest';
import type { TaskRecord } from '../../src/domain/task-record.ts';
import {
  type DeliveryInput,
  healthCounts,
  type Mirror,
  recordDelivery,
  recordHandling,
  recordHealthCheck,
  recordNotifications,
  recordReconciliation,
  recordVerdict,
  retryStatistics,
  targetCounts,
  upsertSession,
  upsertTasks,
} from '../../src/mirror/index.ts';
import { failedAs, handling, note, rows } from './support/failures.ts';
import { asOtherTool, testMirror } from './support/mirrors.ts';
import { completed, failed, record, T0 } from './support/records.ts';
import { removeOld } from './support/remove-old.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const SPAN = { sinceMs: T0, untilMs: T0 + HOUR };
const health = (mirror: Mirror) => healthCounts(mirror, SPAN);
const targets = (mirror: Mirror) => targetCounts(mirror, SPAN);

/** A recovery that ended. */
function recovery(
  outcome: 'completed' | 'failed' | 'cancelled',
  endMs: number,
  {
    strategy = 'recoverable_network',
    fromStep = null as string | null,
    resumedAfterMs = null as number | null,
  } = {},
) {
  const runStatus = ({ completed: 'COMPLETED', failed: 'FAILED', cancelled: 'CANCELLED' } as const)[outcome];
  return record(`${outcome}-${endMs}`, {
    runStatus,
    closedAtMs: endMs,
    updatedAtMs: endMs,
    state: {
      status: outcome === 'completed' ? 'completed' : 'failed',
      recoveryAttempts: 1,
      recoveryNotes: [note({ strategy, from_step: fromStep })],
      resumedAfterMs,
    },
  });
}

const delivery = {
  channel: 'email',
  attempts: 1,
  error: null,
  count: 3,
  lastDecidedAtMs: T0,
  groupKey: 'g',
} as const;

describe('counts for alerts', () => {
  it('are nothing in an empty mirror', () => {
    expect(health(testMirror())).toEqual({
      endedTasks: 0,
      failedTasks: 0,
      lastRecoveryOutcomes: [],
      recoveries: { total: 0, good: 0 },
      recentFailures: 0,
      unknownErrors: 0,
      undelivered: { oldestDecidedMs: null, count: 0 },
      slowestDeliverySeconds: null,
    });
  });

  it('count tasks by how their latest run ended, and failures by run', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [
      completed('before', T0 - 1),
      completed('a', T0),
      completed('b', T0 + HOUR),
      failed('c', T0 + 1000),
      failedAs('unknown', T0 + 2000),
      // Failed, and made up for it.
      failed('d', T0 + 3000),
      { ...completed('d', T0 + 9000), runId: 'run-2', startedAtMs: T0 + 4000 },
      // Failed, and is being recovered.
      failed('e', T0 + 3000),
      record('e', { runId: 'run-2', startedAtMs: T0 + 4000 }),
      record('f', { runStatus: 'CANCELLED', closedAtMs: T0 + 5000, state: { status: 'failed' } }),
    ]);
    expect(health(mirror)).toMatchObject({
      endedTasks: 4,
      failedTasks: 2,
      recentFailures: 4,
      unknownErrors: 1,
    });
  });

  it('give the last automatic recoveries that ended, the newest first', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [
      recovery('completed', T0 + 1),
      recovery('failed', T0 + 2),
      recovery('failed', T0 + 3),
      recovery('failed', T0 + 4, { strategy: 'forced' }),
      recovery('cancelled', T0 + 5),
      recovery('failed', T0 - HOUR),
      record('running', { state: { recoveryAttempts: 1, recoveryNotes: [note()] } }),
    ]);
    expect(health(mirror)).toMatchObject({
      lastRecoveryOutcomes: ['failed', 'failed', 'completed', 'failed'],
      recoveries: { total: 3, good: 1 },
    });
    upsertTasks(
      mirror,
      Array.from({ length: 30 }, (_, i) => recovery('completed', T0 + 1000 + i)),
    );
    expect(health(mirror).lastRecoveryOutcomes).toEqual(Array.from({ length: 20 }, () => 'completed'));
  });

  it('know what was tried and reached nobody, and how long the slowest delivery took', () => {
    const mirror = testMirror();
    const record = (digestId: string, rest: Pick<DeliveryInput, 'status'> & Partial<DeliveryInput>) =>
      recordDelivery(mirror, {
        ...delivery,
        digestId,
        decidedAtMs: T0 + MINUTE,
        atMs: T0 + 2 * MINUTE,
        ...rest,
      });
    record('g/1', { status: 'retrying' });
    record('g/1', { status: 'delivered', channel: 'sms', atMs: T0 + 5 * MINUTE });
    record('g/2', { status: 'failed', decidedAtMs: T0 + 3 * MINUTE });
    record('g/3', { status: 'retrying', decidedAtMs: T0 + 2 * MINUTE });
    record('g/3', { status: 'failed', decidedAtMs: T0 + 2 * MINUTE, channel: 'sms' });
    // By two channels: the first counts.
    record('g/4', { status: 'delivered' });
    record('g/4', { status: 'delivered', channel: 'sms', atMs: T0 + 30 * MINUTE });
    expect(health(mirror)).toMatchObject({
      undelivered: { oldestDecidedMs: T0 + 2 * MINUTE, count: 6 },
      slowestDeliverySeconds: 240,
    });
  });

  it('are read from indexes only', () => {
    const mirror = testMirror();
    const asked = mirror.read((c) => [vi.spyOn(c, 'all'), vi.spyOn(c, 'get')]);
    health(mirror);
    const statements = asked.flatMap((spy) => spy.mock.calls.map(([sql]) => sql));
    expect(statements.length).toBeGreaterThan(5);
    const plans = asOtherTool(mirror.path, (db) =>
      statements.flatMap((sql) => {
        const values = (sql.match(/\?/g) ?? []).map(() => '');
        const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[];
        return plan.map(({ detail }) => detail);
      }),
    );
    expect(plans.filter((step) => /^SCAN (?!.*USING (COVERING )?INDEX|\()/.test(step))).toEqual([]);
  });
});

describe('counts for targets', () => {
  const nothing = { count: 0, mean: 0, p95: 0, longest: 0 };

  it('are nothing in an empty mirror', () => {
    expect(targets(testMirror())).toEqual({
      resumes: { total: 0, good: 0, durations: nothing },
      retriedSteps: { total: 0, good: 0, tries: 0 },
      crashRecoveries: nothing,
      comparedTasks: { total: 0, good: 0 },
      uptime: { observed: 0, available: 0, checks: 0 },
      recoveries: { total: 0, good: 0 },
      processingDelays: nothing,
      judgedClassifications: { total: 0, good: 0 },
      notificationDelays: nothing,
    });
  });

  it('take as resumed what got past its checkpoint', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [
      recovery('completed', T0 + 1, { fromStep: 'transfer', resumedAfterMs: 4000 }),
      recovery('failed', T0 + 2, { fromStep: 'transfer', resumedAfterMs: 2000, strategy: 'forced' }),
      recovery('failed', T0 + 3, { fromStep: 'transfer' }),
      recovery('cancelled', T0 + 4, { fromStep: 'transfer' }),
      recovery('completed', T0 + 5),
    ]);
    const { resumes, recoveries } = targets(mirror);
    expect(resumes).toEqual({ total: 3, good: 2, durations: { count: 2, mean: 3, p95: 4, longest: 4 } });
    expect(recoveries).toEqual({ total: 3, good: 2 });
  });

  it('sum up retried steps', () => {
    const mirror = testMirror();
    const withRetries = (id: string, good: number, tries: number) => {
      const one = completed(id, T0 + 1000);
      return { ...one, state: { ...one.state, retriedSteps: { total: 2, good, tries } } };
    };
    upsertTasks(mirror, [withRetries('a', 2, 5), withRetries('b', 1, 3)]);
    expect(targets(mirror).retriedSteps).toEqual({ total: 4, good: 3, tries: 8 });
  });

  it('take crash recoveries from the sessions that say how long they took', () => {
    const mirror = testMirror();
    const session = (sessionId: string, data: object, sessionType = 'recovery') =>
      upsertSession(mirror, {
        sessionId,
        userId: 'system',
        sessionType,
        status: 'completed',
        data: data as never,
        updatedAtMs: T0 + 1,
      });
    session('a', { seconds: 12.5 });
    session('b', { seconds: 3 });
    session('c', { seconds: 'many' });
    session('d', { seconds: 99 }, 'login');
    session('e', {});
    asOtherTool(mirror.path, (db) => db.exec(`UPDATE sessions SET data = 'damaged' WHERE session_id = 'e'`));
    expect(targets(mirror).crashRecoveries).toEqual({ count: 2, mean: 7.75, p95: 12.5, longest: 12.5 });
  });

  it('sum up comparisons with Temporal, and verdicts', () => {
    const mirror = testMirror();
    recordReconciliation(mirror, { atMs: T0, compared: 100, agreed: 99 });
    recordReconciliation(mirror, { atMs: T0 + MINUTE, compared: 50, agreed: 50 });
    recordReconciliation(mirror, { atMs: T0 + HOUR, compared: 50, agreed: 0 });
    expect(targets(mirror).comparedTasks).toEqual({ total: 150, good: 149 });
    upsertTasks(mirror, [failedAs('unknown', T0 + 1), failedAs('unknown', T0 + 2)]);
    const judge = (ms: number, rightCategory: string) =>
      recordVerdict(mirror, { runId: `run-of-unknown-${ms}`, rightCategory, atMs: T0 });
    judge(T0 + 1, 'unknown');
    judge(T0 + 2, 'recoverable_network');
    expect(targets(mirror).judgedClassifications).toEqual({ total: 2, good: 1 });
  });

  it('know how often steps failed with each kind of error, and which budgets were used up', () => {
    const mirror = testMirror();
    const span = { sinceMs: T0, untilMs: T0 + HOUR };
    const failedWith = (id: string, attempts: object, retryType: string | null, atMs = T0) => {
      const one = failed(id, atMs);
      return { ...one, state: { ...one.state, lastError: { ...one.state.lastError, attempts, retryType } } };
    };
    upsertTasks(mirror, [
      failedWith('a', { network_error: 5, temporary_error: 2 }, 'network_error'),
      failedWith('b', { network_error: 1 }, null),
      failedWith('c', {}, 'unknown_error'),
      failedWith('d', { auth_error: 'x' }, 'auth_error'),
      failedWith('later', { auth_error: 3 }, 'auth_error', T0 + HOUR),
    ] as TaskRecord[]);
    const { by_type: byType } = retryStatistics(mirror, span);
    expect(byType).toMatchObject({
      network_error: { attempts: 6, exhausted: 1 },
      temporary_error: { attempts: 2, exhausted: 0 },
      auth_error: { attempts: 0, exhausted: 0 },
      unknown_error: { attempts: 0, exhausted: 0 },
    });
    mirror.write((connection) => connection.run("UPDATE failures SET attempts = 'noise'"));
    expect(retryStatistics(mirror, span).by_type.network_error).toEqual({ attempts: 0, exhausted: 0 });
  });

  it('let a health check hold until the next one, two minutes at most, and within the span', async () => {
    const mirror = testMirror();
    const check = (minutes: number, available: boolean) =>
      recordHealthCheck(mirror, { atMs: T0 + minutes * MINUTE, available, details: { engine: available } });
    check(-1, true); // holds one minute into the span
    check(1, true); // one minute
    check(2, false); // one minute
    check(3, true); // two minutes, then nobody looked
    check(10, true); // two minutes
    check(59.5, true); // half a minute, then the span ends
    expect(targets(mirror).uptime).toEqual({ observed: 7.5 * 60, available: 6.5 * 60, checks: 6 });
    expect(await removeOld(mirror, 'measurements', T0 + 5 * MINUTE)).toBe(4);
    expect(rows(mirror, 'health_checks')).toHaveLength(2);
  });

  it('measure from the failure until it was handled', () => {
    const mirror = testMirror();
    const handled = (runId: string, seconds: number, options: Parameters<typeof handling>[1] = {}) =>
      handling(runId, { failedAtMs: T0, handledAtMs: T0 + seconds * 1000, ...options });
    recordHandling(mirror, [
      handled('a', 10),
      handled('b', 20.5, { action: 'user_notification' }),
      handled('c', 500, { action: 'skipped' }),
      handled('d', 500, { action: 'error' }),
      // The clock of the server was ahead.
      handled('e', 0, { failedAtMs: T0 + 1000 }),
    ]);
    expect(targets(mirror).processingDelays).toEqual({ count: 3, mean: 10.167, p95: 20.5, longest: 20.5 });
  });

  it('measure until a channel delivered, or the logs where there is none', () => {
    const mirror = testMirror();
    const notification = (id: string, groupKey: string) => ({
      id,
      kind: 'task_failure',
      audience: 'user',
      priority: 'normal',
      groupKey,
      message: 'm',
      occurredAtMs: T0,
      decidedAtMs: T0 + 1000,
      loggedAtMs: T0 + 1250,
    });
    recordNotifications(mirror, [notification('a', 'g'), notification('b', 'no channel')]);
    recordDelivery(mirror, {
      ...delivery,
      digestId: 'g/1',
      status: 'delivered',
      decidedAtMs: T0 + 1000,
      lastDecidedAtMs: T0 + 1000,
      atMs: T0 + 61_000,
    });
    expect(targets(mirror).notificationDelays).toEqual({ count: 2, mean: 30.125, p95: 60, longest: 60 });
  });
});
