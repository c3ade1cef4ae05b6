import { describe, expect, it } from 'vitest';
import type { RunStatus } from '../../src/domain/task-record.ts';
import {
  type FailureRowOfMirror,
  failureRows,
  listFailures,
  recordHandling,
  recordVerdict,
  upsertTasks,
  withFailureRows,
} from '../../src/mirror/index.ts';
import { failedAs, handling, rows } from './support/failures.ts';
import { testMirror } from './support/mirrors.ts';
import { completed, failed, record, T0 } from './support/records.ts';
import { removeOld } from './support/remove-old.ts';

const ended = (id: string, runStatus: RunStatus) =>
  record(id, { runStatus, closedAtMs: T0 + 1000, state: { status: 'failed' } });

describe('failures', () => {
  it('are kept with what is known of them', () => {
    const mirror = testMirror();
    const fingerprintOf = () => ({ fingerprint: 'f1', host: 'example.com' });
    expect(upsertTasks(mirror, [failed('t', T0 + 1000)], { fingerprintOf }).failed).toBe(1);
    expect(listFailures(mirror)).toEqual([
      {
        run_id: 'run-of-t',
        task_id: 't',
        task_type: 'video_download',
        category: 'recoverable_network',
        rule: 'code.ECONNRESET',
        confidence: 1,
        fingerprint: 'f1',
        message: 'read ECONNRESET',
        error_type: 'Error',
        host: 'example.com',
        step: 'transfer',
        retry_type: 'network_error',
        recovery_attempts: 0,
        run_status: 'FAILED',
        failed_at: '2026-01-02T03:04:06.678Z',
        action: null,
        detail: null,
        delay_seconds: null,
        attempt: null,
        scan_id: null,
        handled_at: null,
      },
    ]);
  });

  it('are runs that failed, timed out or were terminated, and not those that somebody cancelled', () => {
    const mirror = testMirror();
    const statuses: RunStatus[] = ['RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'];
    expect(
      upsertTasks(
        mirror,
        statuses.map((status) => ended(status, status)),
      ).failed,
    ).toBe(3);
    expect(rows(mirror, 'failures', 'task_id, message')).toEqual([
      { task_id: 'FAILED', message: 'the run ended as FAILED' },
      { task_id: 'TERMINATED', message: 'the run ended as TERMINATED' },
      { task_id: 'TIMED_OUT', message: 'the run ended as TIMED_OUT' },
    ]);
  });

  it('stay when a later run makes up for them', () => {
    const mirror = testMirror();
    const first = failed('t', T0 + 1000);
    const second = { ...completed('t', T0 + 9000), runId: 'run-2', startedAtMs: T0 + 2000 };
    upsertTasks(mirror, [second, first]);
    expect(listFailures(mirror)).toMatchObject([{ run_id: 'run-of-t' }]);
  });

  it('are written once, and their fingerprint is made once', () => {
    const mirror = testMirror();
    let made = 0;
    const fingerprintOf = () => ({ fingerprint: `f${++made}` });
    const records = [failed('a', T0 + 1000), failed('b', T0 + 2000)];
    upsertTasks(mirror, records, { fingerprintOf });
    expect(upsertTasks(mirror, records, { fingerprintOf })).toMatchObject({ written: 0, failed: 0 });
    expect(made).toBe(2);
  });

  it('keep the fingerprint that the worker gave them', () => {
    const mirror = testMirror();
    const one = failed('t', T0 + 1000);
    const lastError = one.state.lastError && { ...one.state.lastError, fingerprint: 'given' };
    upsertTasks(mirror, [{ ...one, state: { ...one.state, lastError } }], {
      fingerprintOf: () => ({ fingerprint: 'made' }),
    });
    expect(listFailures(mirror)[0]?.fingerprint).toBe('given');
  });

  it('do not hold up the projector with a memo that somebody else wrote', () => {
    const mirror = testMirror();
    const odd = { category: { a: 1 }, rule: 7, message: 'odd', confidence: 'high', step: [] };
    const state = { status: 'failed', lastError: odd, recoveryAttempts: 2, recoveryNotes: ['x'] };
    const one = record('t', { runStatus: 'FAILED', closedAtMs: T0, state: state as never });
    expect(upsertTasks(mirror, [one])).toEqual({ written: 1, failed: 1, rejected: [] });
    expect(listFailures(mirror)).toMatchObject([
      { category: 'unknown', rule: 'run.FAILED', confidence: 0, step: null },
    ]);
  });

  it('are listed the newest first, by category, type, fingerprint and time, with how they were handled', () => {
    const mirror = testMirror();
    upsertTasks(
      mirror,
      [failedAs('unknown', T0 + 1), failedAs('unrecoverable_data', T0 + 2), failedAs('unknown', T0 + 3)],
      { fingerprintOf: (message) => ({ fingerprint: message }) },
    );
    recordHandling(mirror, [handling(`run-of-unknown-${T0 + 3}`, { attempt: 2 })]);
    const times = (filter: Parameters<typeof listFailures>[1]) =>
      listFailures(mirror, filter).map(({ failed_at }) => Date.parse(failed_at) - T0);
    expect(times({})).toEqual([3, 2, 1]);
    expect(times({ category: 'unknown' })).toEqual([3, 1]);
    expect(times({ category: 'unknown', sinceMs: T0 + 2 })).toEqual([3]);
    expect(times({ type: 'login' })).toEqual([]);
    expect(times({ fingerprint: 'read ECONNRESET', limit: 2 })).toEqual([3, 2]);
    expect(listFailures(mirror, { limit: 1 })).toMatchObject([
      { action: 'auto_recovery', attempt: 2, handled_at: new Date(T0 + 60_000).toISOString() },
    ]);
  });
});

describe('streaming failures', () => {
  function many(count: number) {
    const mirror = testMirror();
    // Several of one moment, so that a page ends among them.
    const records = Array.from({ length: count }, (_, i) => failed(`t-${i}`, T0 + Math.floor(i / 7)));
    upsertTasks(mirror, records);
    return mirror;
  }

  it('gives each of a span once, the oldest first', () => {
    const mirror = many(5003);
    const found = [...failureRows(mirror, T0 + 10, T0 + 700)];
    expect(new Set(found.map((row) => row.runId)).size).toBe(690 * 7);
    expect(found.length).toBe(690 * 7);
    expect(found[0]).toEqual({
      runId: 'run-of-t-70',
      taskId: 't-70',
      taskType: 'video_download',
      category: 'recoverable_network',
      rule: 'code.ECONNRESET',
      message: 'read ECONNRESET',
      fingerprint: '',
      host: undefined,
      atMs: T0 + 10,
    });
    expect(found.every((row, i) => i === 0 || row.atMs >= (found[i - 1]?.atMs ?? 0))).toBe(true);
  });

  it('lets others read and write in between', () => {
    const mirror = many(3000);
    let count = 0;
    for (const _ of failureRows(mirror, 0, T0 + 1e6)) {
      if (count++ % 1000 === 0) recordHandling(mirror, [handling(`r-${count}`)]);
    }
    expect(count).toBe(3000);
  });

  it('hands over batches of the moment it began, whatever is written meanwhile', async () => {
    const mirror = many(4500);
    const batches: (readonly FailureRowOfMirror[])[] = [];
    const count = await withFailureRows(mirror, 0, T0 + 1e6, (batch) => {
      if (batches.length === 0) upsertTasks(mirror, [failed('late', T0 + 5e5)]);
      batches.push(batch);
    });
    expect(count).toBe(4500);
    expect(batches.map((batch) => batch.length)).toEqual([2000, 2000, 500]);
    expect(new Set(batches.flat().map((row) => row.runId)).size).toBe(4500);
    expect([...failureRows(mirror, T0 + 5e5, T0 + 1e6)]).toHaveLength(1);
  });

  it('gives nothing for a span without any', async () => {
    const mirror = testMirror();
    expect([...failureRows(mirror, 0, T0)]).toEqual([]);
    expect(await withFailureRows(mirror, 0, T0, () => expect.unreachable())).toBe(0);
  });
});

describe('cleaning up failures', () => {
  it('takes what belongs to them along, and they do not come back from Temporal', async () => {
    const mirror = testMirror();
    const records = [failed('old', T0 + 1000), failed('new', T0 + 9000)];
    upsertTasks(mirror, records);
    recordHandling(mirror, [handling('run-of-old', { failedAtMs: T0 + 1000 })]);
    recordVerdict(mirror, { runId: 'run-of-old', rightCategory: 'unknown', atMs: T0 + 2000 });
    expect(await removeOld(mirror, 'failures', T0 + 5000)).toBe(1);
    expect(upsertTasks(mirror, records).failed).toBe(0);
    expect(rows(mirror, 'failures', 'task_id')).toEqual([{ task_id: 'new' }]);
    expect(rows(mirror, 'failure_handling')).toEqual([]);
    expect(rows(mirror, 'classification_verdicts')).toEqual([]);
  });
});

describe('a verdict', () => {
  it('is kept once for each failure, the last one counts', () => {
    const mirror = testMirror();
    upsertTasks(mirror, [failed('t', T0)]);
    const verdict = { runId: 'run-of-t', rightCategory: 'unknown', atMs: T0 };
    expect(recordVerdict(mirror, verdict)).toBe(true);
    recordVerdict(mirror, { ...verdict, rightCategory: 'recoverable_network' });
    expect(rows(mirror, 'classification_verdicts', 'category, right_category')).toEqual([
      { category: 'recoverable_network', right_category: 'recoverable_network' },
    ]);
  });

  it('is refused for a run that is no failure', () => {
    const mirror = testMirror();
    expect(recordVerdict(mirror, { runId: 'r', rightCategory: 'unknown', atMs: T0 })).toBe(false);
  });
});
