import { describe, expect, it } from 'vitest';
import type { RunStatus, TaskRecord } from '../../src/domain/task-record.ts';
import { getRecoveryHistory, handledRuns, recordHandling, upsertTasks } from '../../src/mirror/index.ts';
import { handling, note, rows } from './support/failures.ts';
import { testMirror } from './support/mirrors.ts';
import { type RecordOptions, record, T0 } from './support/records.ts';

const history = (mirror: Parameters<typeof getRecoveryHistory>[0]) =>
  getRecoveryHistory(mirror, { hours: 24 }, T0 + 3_600_000);

/** A run that a recovery started. */
function recovering(options: RecordOptions = {}): TaskRecord {
  const { state, ...rest } = options;
  return record('t', {
    runId: 'run-2',
    ...rest,
    state: { recoveryAttempts: 1, recoveryNotes: [note()], ...state },
  });
}

function endedAs(
  runStatus: RunStatus,
  outcome: 'completed' | 'failed' | 'scheduled',
  options: RecordOptions = {},
) {
  const { state, ...rest } = options;
  return recovering({
    runStatus,
    closedAtMs: T0 + 5000,
    updatedAtMs: T0 + 5000,
    ...rest,
    state: {
      status: outcome === 'completed' ? 'completed' : 'failed',
      recoveryNotes: [note({ outcome })],
      ...state,
    },
  });
}

describe('recoveries of tasks', () => {
  it('are kept while they run, and how they ended when they have', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [recovering()]);
    const columns =
      'run_id, attempt, strategy, delay_seconds, from_step, scheduled_at, ended_at, outcome, resumed_after_ms';
    const scheduled = {
      run_id: 'run-2',
      attempt: 1,
      strategy: 'recoverable_network',
      delay_seconds: 30,
      from_step: 'transfer',
      scheduled_at: '2026-01-02 03:04:04.678',
      ended_at: null,
      outcome: 'scheduled',
      resumed_after_ms: null,
    };
    expect(rows(mirror, 'task_recoveries', columns)).toEqual([scheduled]);
    expect(history(mirror)).toEqual([]);

    upsertTasks(mirror, [recovering({ updatedAtMs: T0 + 2000, state: { resumedAfterMs: 900 } })]);
    expect(rows(mirror, 'task_recoveries', columns)).toEqual([{ ...scheduled, resumed_after_ms: 900 }]);

    upsertTasks(mirror, [endedAs('COMPLETED', 'completed', { state: { resumedAfterMs: 900 } })]);
    expect(rows(mirror, 'task_recoveries', columns)).toEqual([
      { ...scheduled, resumed_after_ms: 900, ended_at: '2026-01-02 03:04:10.678', outcome: 'completed' },
    ]);
    expect(history(mirror)).toMatchObject([
      {
        recovery_type: 'task_recovery',
        task_id: 't',
        status: 'completed',
        created_at: new Date(T0 + 5000).toISOString(),
        details: { run_id: 'run-2', attempt: 1, strategy: 'recoverable_network', resumed_after_ms: 900 },
      },
    ]);
  });

  it('change nothing when they are seen again, in whatever order', () => {
    const mirror = testMirror();
    const end = endedAs('FAILED', 'failed');
    for (const one of [end, recovering(), end, recovering({ state: { resumedAfterMs: 5 } })])
      upsertTasks(mirror, [one]);
    expect(rows(mirror, 'task_recoveries', 'outcome, resumed_after_ms')).toEqual([
      { outcome: 'failed', resumed_after_ms: null },
    ]);
    expect(history(mirror)).toHaveLength(1);
  });

  it.each([
    ['TERMINATED', 'scheduled', 'failed'],
    ['TIMED_OUT', 'scheduled', 'failed'],
    ['CANCELLED', 'failed', 'cancelled'],
  ] as const)('that were %s are %s in the notes and %s here', (runStatus, noted, outcome) => {
    const mirror = testMirror();
    upsertTasks(mirror, [endedAs(runStatus, noted)]);
    expect(rows(mirror, 'task_recoveries', 'outcome')).toEqual([{ outcome }]);
    expect(history(mirror)).toMatchObject([{ status: outcome }]);
  });

  it.each([
    ['the recovery first', false],
    ['the other run first', true],
  ])('are not mistaken for a run that somebody started after them: %s', (_, reversed) => {
    const mirror = testMirror();
    const recovered = endedAs('TERMINATED', 'scheduled');
    const byHand = endedAs('FAILED', 'scheduled', {
      runId: 'run-3',
      startedAtMs: T0 + 6000,
      closedAtMs: T0 + 9000,
    });
    const records = reversed ? [byHand, recovered] : [recovered, byHand];
    upsertTasks(mirror, [...records, ...records]);
    expect(rows(mirror, 'task_recoveries', 'run_id')).toEqual([{ run_id: 'run-2' }]);
    expect(history(mirror)).toMatchObject([{ details: { run_id: 'run-2' } }]);
  });

  it('are not a run that carries the end of an earlier one in its notes', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [
      endedAs('COMPLETED', 'failed'),
      endedAs('RUNNING', 'failed', { runId: 'r', closedAtMs: null }),
    ]);
    expect(rows(mirror, 'task_recoveries')).toEqual([]);
  });

  it('are read from notes of version 0.1', () => {
    const mirror = testMirror();
    const { strategy: _s, from_step: _f, ...old } = note();
    upsertTasks(mirror, [recovering({ state: { recoveryNotes: [old] } })]);
    expect(rows(mirror, 'task_recoveries', 'strategy, from_step')).toEqual([
      { strategy: 'unknown', from_step: null },
    ]);
  });
});

describe('retried steps', () => {
  it('are kept of ended runs that had any', () => {
    const mirror = testMirror();
    const retriedSteps = { total: 3, good: 2, tries: 5 };
    const one = endedAs('COMPLETED', 'completed', { state: { retriedSteps } });
    upsertTasks(mirror, [recovering({ runId: 'r', state: { retriedSteps } }), one, one, record('without')]);
    expect(rows(mirror, 'task_retries')).toEqual([
      { run_id: 'run-2', ...retriedSteps, ended_at: '2026-01-02 03:04:10.678' },
    ]);
  });
});

describe('handling failed runs', () => {
  it('knows which are handled; an error is not', () => {
    const mirror = testMirror();
    recordHandling(mirror, [
      handling('a'),
      handling('b', { action: 'error' }),
      handling('c', { action: 'skipped' }),
    ]);
    expect(handledRuns(mirror, ['a', 'b', 'c', 'd'])).toEqual(new Set(['a', 'c']));
    expect(handledRuns(mirror, [])).toEqual(new Set());
  });

  it('knows that what was left alone because of a switch waits for it', () => {
    const mirror = testMirror();
    recordHandling(mirror, [
      handling('a', { action: 'skipped', detail: 'recovery_disabled' }),
      handling('b', { action: 'skipped', detail: 'notification_disabled' }),
      handling('c', { action: 'skipped', detail: 'already_recovering' }),
    ]);
    expect(handledRuns(mirror, ['a', 'b', 'c'])).toEqual(new Set(['c']));
  });

  it('keeps what was done first; an error gives way to anything, skipping to what was done', () => {
    const mirror = testMirror();
    const handle = (action: Parameters<typeof handling>[1], at = 0) =>
      recordHandling(mirror, [handling('r', { handledAtMs: T0 + at, ...action })]);
    const action = () => rows(mirror, 'failure_handling', 'action, detail')[0];
    handle({ action: 'error', detail: 'first' });
    expect(handle({ action: 'error', detail: 'second' }, 1)).toBe(1);
    expect(action()).toEqual({ action: 'error', detail: 'second' });
    handle({ action: 'skipped' }, 2);
    expect(handle({ action: 'error' }, 3)).toBe(0);
    handle({ action: 'admin_notification' }, 4);
    expect(handle({ action: 'auto_recovery' }, 5)).toBe(0);
    expect(action()).toMatchObject({ action: 'admin_notification' });
    expect(history(mirror)).toEqual([]);
  });

  it('puts scheduled recoveries into the recovery log, once', () => {
    const mirror = testMirror();
    const done = [handling('r'), handling('s', { action: 'user_notification' })];
    expect([recordHandling(mirror, done), recordHandling(mirror, done)]).toEqual([2, 0]);
    expect(history(mirror)).toMatchObject([
      { task_id: 'task-of-r', status: 'scheduled', details: { run_id: 'r', attempt: 1, delay_seconds: 30 } },
    ]);
  });
});
