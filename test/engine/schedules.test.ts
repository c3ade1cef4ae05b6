import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { describeSchedule, listSchedules, setSchedulePaused } from '../../src/engine/schedule-view.ts';
import { ensureSchedules, triggerSchedule } from '../../src/engine/schedules.ts';
import {
  type SystemSchedule,
  systemSchedules,
  unwantedSchedules,
} from '../../src/engine/system-schedules.ts';
import { suiteEngine } from '../support/engine.ts';

const suite = suiteEngine();
const client = () => suite().connected.client;
const MINUTE = 60_000;

/** What a schedule starts is named by the second, so a start of its own needs a second of its own. */
async function nextSecond(): Promise<void> {
  const now = () => Math.floor(Date.now() / 1000);
  const first = now();
  await expect.poll(now, { timeout: 2000 }).toBeGreaterThan(first);
}

/** A schedule of a test's own; nobody works on what it starts. */
function schedule(every = 30 * MINUTE): SystemSchedule {
  const id = `test-${randomUUID()}`;
  return {
    id,
    note: 'for a test',
    spec: { intervals: [{ every }] },
    catchUpMs: MINUTE,
    action: { workflowType: 'none', taskQueue: id, args: [] },
  };
}

test('the documented rhythms stand in the schedules themselves', async () => {
  const { config } = suite();
  await ensureSchedules(client(), systemSchedules(config));
  const scan = await client().schedule.getHandle('failure-scan').describe();
  expect(scan.spec.intervals).toMatchObject([{ every: 30 * MINUTE }]);
  expect(scan.action).toMatchObject({ workflowType: 'failureScan', taskQueue: 'recovery' });
  const analysis = await client().schedule.getHandle('pattern-analysis').describe();
  expect(analysis.spec.calendars?.[0]).toMatchObject({
    minute: [{ start: 0 }],
    hour: [{ start: 0, end: 23, step: 6 }],
  });
  expect(analysis.action).toMatchObject({ workflowType: 'patternAnalysis', taskQueue: 'monitoring' });
  const next = analysis.info.nextActionTimes.slice(0, 2).map((time) => time.getTime());
  expect((next[1] ?? 0) - (next[0] ?? 0)).toBe(6 * 60 * MINUTE);
});

test('FAILURE_SCAN_INTERVAL_MINUTES changes the schedule that is there', async () => {
  const { config } = suite();
  const changed = { ...config, failure: { ...config.failure, scanIntervalMs: 7 * MINUTE } };
  await ensureSchedules(client(), systemSchedules(changed));
  expect(await describeSchedule(client(), 'failure-scan')).toMatchObject({ every: '7 min' });
});

test('backups follow recovery.database.backup_interval, the clean-up comes every hour', async () => {
  const { config } = suite();
  await ensureSchedules(client(), systemSchedules(config));
  const backup = await client().schedule.getHandle('backup').describe();
  expect(backup.spec.intervals).toMatchObject([{ every: 60 * MINUTE }]);
  expect(backup.action).toMatchObject({ workflowType: 'mirrorBackup', taskQueue: 'monitoring' });
  // So that a computer that is on for half an hour a day has a backup all the same.
  expect(backup.policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 60 * MINUTE });
  expect(backup.state.note).toContain('backs the mirror up');
  const cleanUp = await client().schedule.getHandle('clean-up').describe();
  expect(cleanUp.spec.intervals).toMatchObject([{ every: 60 * MINUTE }]);
  expect(cleanUp.action).toMatchObject({ workflowType: 'cleanUp', taskQueue: 'monitoring' });

  const every = (backupIntervalMs: number) => ({
    ...config,
    database: { ...config.database, backupIntervalMs },
  });
  const apply = (changed: typeof config) =>
    ensureSchedules(client(), systemSchedules(changed), unwantedSchedules(changed));
  await apply(every(10 * MINUTE));
  expect(await describeSchedule(client(), 'backup')).toMatchObject({ every: '10 min' });
  await apply(every(0));
  await apply(every(0));
  await expect(describeSchedule(client(), 'backup')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  await apply(config);
  expect(await describeSchedule(client(), 'backup')).toMatchObject({ every: '60 min' });
});

describe('a schedule', () => {
  test('that is paused stays paused when `up` starts again, until it is resumed', async () => {
    const one = schedule();
    await ensureSchedules(client(), [one]);
    expect(await setSchedulePaused(client(), one.id, true, 'for now')).toMatchObject({
      paused: true,
      note: 'for now',
    });
    await ensureSchedules(client(), [one]);
    expect(await describeSchedule(client(), one.id)).toMatchObject({ paused: true });
    expect(await setSchedulePaused(client(), one.id, false, one.note)).toMatchObject({
      paused: false,
      note: one.note,
    });
  });

  test('that is triggered starts at once, and once more after that however often it is asked for', async () => {
    const one = schedule();
    await ensureSchedules(client(), [one]);
    await triggerSchedule(client(), one.id);
    await expect.poll(async () => (await describeSchedule(client(), one.id)).running).toHaveLength(1);
    await nextSecond();
    for (let i = 0; i < 4; i++) await triggerSchedule(client(), one.id);
    const { running } = await describeSchedule(client(), one.id);
    expect(running).toHaveLength(1);
    await client()
      .workflow.getHandle(running[0] ?? '')
      .terminate('over');
    await expect
      .poll(async () => (await describeSchedule(client(), one.id)).runs, { timeout: 10_000 })
      .toBe(2);
    const [second = ''] = (await describeSchedule(client(), one.id)).running;
    await client().workflow.getHandle(second).terminate('over');
    await expect
      .poll(async () => (await describeSchedule(client(), one.id)).running, { timeout: 10_000 })
      .toEqual([]);
    expect(await describeSchedule(client(), one.id)).toMatchObject({ runs: 2 });
  });

  test('is listed with when it starts next', async () => {
    const one = schedule();
    await ensureSchedules(client(), [one]);
    await expect
      .poll(async () => (await listSchedules(client())).find(({ id }) => id === one.id), { timeout: 10_000 })
      .toMatchObject({ every: '30 min', next_at: expect.stringMatching(/T.*Z$/), note: 'for a test' });
  });

  test('that is not there is named, with what to do', async () => {
    await expect(describeSchedule(client(), 'none')).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
      message: 'there is no schedule none',
    });
    await expect(triggerSchedule(client(), 'none')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });
});
