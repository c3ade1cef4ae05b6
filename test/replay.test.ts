import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ReplayResult, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadWorkflowBundle } from '../src/engine/workflow-bundle.ts';
import { type History, readHistory } from './support/history-file.ts';
import { quietRuntime } from './support/quiet-runtime.ts';

const HISTORIES = join(import.meta.dirname, 'histories');
const recorded = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));

const read = (name: string) => readHistory(join(HISTORIES, name));

/** Its own ID: workflows name others after it. */
const idOf = ({ events }: History) => events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId;

async function replay(histories: Iterable<{ workflowId: string; history: History }>) {
  const workflowBundle = await loadWorkflowBundle();
  const results: ReplayResult[] = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle }, histories)) results.push(result);
  return results;
}

describe('tasks of earlier versions go on with this one', () => {
  beforeAll(quietRuntime);

  test('there is a history of each kind of life a task can have', () => {
    const kinds = new Set(recorded.map((name) => name.replace(/^video-download-|-\d+\.\d+\.\d+.*$/g, '')));
    for (const kind of ['simple', 'paused-and-resumed', 'failed', 'cancelled', 'recovered-from-checkpoint']) {
      expect(kinds).toContain(kind);
    }
  });

  test('there are histories of what notifications go through', () => {
    for (const kind of [
      'group-storm',
      'group-gone-on',
      'delivery-delivered',
      'delivery-nobody-took-it',
      'log',
    ])
      expect(recorded.some((name) => name.startsWith(`notification-${kind}-`))).toBe(true);
  });

  test('there are histories of failure scans: of several pages, gone on, broken off, after another', () => {
    for (const kind of ['pages', 'gone-on-1', 'gone-on-2', 'broken-off', 'after-another'])
      expect(recorded.some((name) => name.startsWith(`failure-scan-${kind}-`))).toBe(true);
  });

  test('there are histories of what sessions go through', () => {
    for (const kind of [
      'refused-and-revoked',
      'waited-for-a-person',
      'login-failed',
      'renewed-ahead',
      'handed-over-and-gone-on-1',
      'handed-over-and-gone-on-2',
    ])
      expect(recorded.some((name) => name.startsWith(`session-${kind}-`))).toBe(true);
  });

  test('there are histories of logins', () => {
    for (const kind of [
      'simple',
      'one-time-code',
      'retried-and-recovered',
      'answered-by-a-person',
      'unanswered',
    ])
      expect(recorded.some((name) => name.startsWith(`login-${kind}-`))).toBe(true);
  });

  test('every recorded history is replayed to its end', async () => {
    const histories = recorded.map((name) => ({ workflowId: idOf(read(name)) ?? name, history: read(name) }));
    const results = await replay(histories);
    expect(results.map(({ workflowId }) => workflowId).sort()).toEqual(
      histories.map(({ workflowId }) => workflowId).sort(),
    );
    expect(results.filter(({ error }) => error)).toEqual([]);
  });

  test('a history that this version would not have written is noticed', async () => {
    const [name = ''] = recorded.filter((file) => file.startsWith('video-download-simple-'));
    const history = read(name);
    const reserve = (history.events ?? [])
      .map((event) => event.activityTaskScheduledEventAttributes?.activityType)
      .find((type) => type?.name === 'reserve');
    expect(reserve).toBeDefined();
    if (reserve) reserve.name = 'publish';
    const [result] = await replay([{ workflowId: 'altered', history }]);
    expect(result?.error).toBeInstanceOf(DeterminismViolationError);
  });
});
