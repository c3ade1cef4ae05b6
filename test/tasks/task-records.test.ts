import { describe, expect, test } from 'vitest';
import { type RunInfo, recordOf } from '../../src/tasks/record-of.ts';

const STARTED = new Date('2026-01-02T03:04:05.000Z');
const CLOSED = new Date('2026-01-02T03:09:00.000Z');

function run(status: string, memo: Record<string, unknown> = {}, closed?: Date): RunInfo {
  return {
    workflowId: 'task',
    runId: 'run',
    type: 'videoDownload',
    status: { code: 0, name: status as RunInfo['status']['name'] },
    startTime: STARTED,
    memo,
    closeTime: closed,
  };
}

test('a run is read as its memo has it', () => {
  const memo = {
    taskType: 'video_download',
    status: 'paused',
    progress: 42.5,
    step: 'transfer',
    retryCount: 3,
    data: { url: 'http://host/x' },
    updatedAt: '2026-01-02T03:05:00.000Z',
  };
  expect(recordOf(run('RUNNING', memo))).toMatchObject({
    taskId: 'task',
    runStatus: 'RUNNING',
    startedAtMs: STARTED.getTime(),
    closedAtMs: null,
    state: memo,
  });
});

test.each([
  ['nothing', {}],
  ['rubbish', { status: 'lost', progress: 'half', step: 7, checkpoint: [], lastError: 'x', data: null }],
  ['numbers that are none', { progress: Number.NaN, retryCount: null, recoveryNotes: 'none', updatedAt: 5 }],
])('a memo of %s is no harm', (_what, memo) => {
  expect(recordOf(run('RUNNING', memo)).state).toEqual({
    taskType: 'videoDownload',
    status: 'pending',
    progress: 0,
    step: null,
    checkpoint: null,
    retryCount: 0,
    lastError: null,
    data: {},
    recoveryAttempts: 0,
    recoveryNotes: [],
    retriedSteps: { total: 0, good: 0, tries: 0 },
    resumedAfterMs: null,
    updatedAt: STARTED.toISOString(),
  });
});

describe('a run that the server ended', () => {
  test.each(['TERMINATED', 'TIMED_OUT', 'FAILED'])('as %s has failed, whatever its memo says', (status) => {
    const { state } = recordOf(run(status, { status: 'running', step: 'transfer' }, CLOSED));
    expect(state).toMatchObject({
      status: 'failed',
      updatedAt: CLOSED.toISOString(),
      lastError: { category: 'unknown', rule: `run.${status}`, step: 'transfer' },
    });
  });

  test('keeps the failure that it could tell', () => {
    const lastError = { category: 'recoverable_network', message: 'read ECONNRESET' };
    const { state } = recordOf(run('FAILED', { status: 'failed', lastError }, CLOSED));
    expect(state.lastError).toEqual(lastError);
  });
});

test('a status that Temporal may add one day is a run under way', () => {
  expect(recordOf(run('PAUSED')).runStatus).toBe('RUNNING');
});
