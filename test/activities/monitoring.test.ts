import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { createMonitoringActivities, mirrorPort } from '../../src/activities/monitoring/index.ts';
import type { AnalysisSummary } from '../../src/activities/monitoring-types.ts';
import { silentLogger } from '../../src/logger.ts';
import {
  listAlerts,
  type MirrorKeeper,
  recordNotifications,
  targetCounts,
  upsertTasks,
} from '../../src/mirror/index.ts';
import { DEFAULT_THRESHOLDS } from '../../src/monitoring/index.ts';
import { fingerprintOf } from '../../src/report/index.ts';
import { testKeeper } from '../mirror/support/mirrors.ts';
import { failed } from '../mirror/support/records.ts';
import { FakeOutbox, fakeTemporal, NOON } from '../monitoring/support.ts';
import { tempDir } from '../support/temp-dir.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function setUp() {
  const directory = tempDir('monitoring');
  const keeper = testKeeper();
  const logged = { add: (id: string) => logNotification(keeper, id) };
  const outbox = new FakeOutbox({ logged } as never);
  let nowMs = NOON;
  const activities = createMonitoringActivities({
    mirror: mirrorPort(keeper, join(directory, 'backups')),
    temporal: fakeTemporal(),
    settings: {
      taskQueue: 'rekindle',
      schedules: ['failure-scan'],
      backups: true,
      dataDirectory: directory,
      logDirectory: join(directory, 'logs'),
      reportsDirectory: join(directory, 'reports'),
      thresholds: DEFAULT_THRESHOLDS,
      locale: 'zh-CN',
    },
    notify: outbox.notify,
    log: silentLogger,
    clock: () => nowMs,
  });
  const fail = (count: number, atMs: number) => {
    const records = Array.from({ length: count }, (_, i) => failed(`task-${atMs}-${i}`, atMs));
    upsertTasks(keeper.get(), records, { fingerprintOf });
  };
  return {
    directory,
    keeper,
    outbox,
    activities,
    fail,
    at(ms: number) {
      nowMs = ms;
      return activities;
    },
  };
}

function logNotification(keeper: MirrorKeeper, id: string): void {
  recordNotifications(keeper.get(), [
    {
      id,
      kind: 'alert_raised',
      audience: 'administrators',
      priority: 'high',
      groupKey: 'alerts',
      message: 'an alert',
      occurredAtMs: NOON,
      decidedAtMs: NOON,
      loggedAtMs: NOON,
    } as never,
  ]);
}

/** Activities that fail are what some tests are about. */
const quietEnvironment = () =>
  new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR', () => undefined) });

describe('the pattern analysis', () => {
  test('writes the documented report of the mirror’s last 7 days and beats as it reads', async () => {
    const { activities, fail, directory } = setUp();
    fail(3, NOON - HOUR);
    fail(2, NOON - 8 * 24 * HOUR);
    const environment = quietEnvironment();
    const beats: unknown[] = [];
    environment.on('heartbeat', (beat) => beats.push(beat));
    const analyse = () => activities.analysePatterns({ toMs: NOON });
    const summary = (await environment.run(analyse)) as AnalysisSummary;
    expect(beats).toEqual([5]);
    expect(summary.failures).toBe(3);
    expect(summary.insights[0]).toBe('主要失败原因是recoverable_network，占比100.0%');
    const report = JSON.parse(readFileSync(summary.report, 'utf8'));
    expect(report).toMatchObject({
      success: true,
      analysis_period: '7天',
      total_failures: 3,
      category_distribution: { recoverable_network: 3 },
      task_type_failures: { video_download: 3 },
      trend: { previous: 2 },
    });
    expect(report.groups[0].fingerprint).toBe(fingerprintOf('read ECONNRESET').fingerprint);
    // Done again, as after a crash, it finds its report.
    const again = await quietEnvironment().run(analyse);
    expect(again).toEqual(summary);
    expect(readdirSync(join(directory, 'reports', 'failure_analysis'))).toHaveLength(1);
  });

  test('ends when it is cancelled, and says what keeps it from writing', async () => {
    const { activities, fail, directory } = setUp();
    fail(1, NOON - HOUR);
    const cancelled = quietEnvironment();
    cancelled.cancel();
    await expect(cancelled.run(activities.analysePatterns, { toMs: NOON })).rejects.toThrow();
    writeFileSync(join(directory, 'reports'), 'no directory');
    const failing = quietEnvironment().run(activities.analysePatterns, { toMs: NOON });
    await expect(failing).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  });
});

describe('the health check', () => {
  test('raises an alert once and clears it once, on a real mirror', async () => {
    const { at, fail, keeper, outbox } = setUp();
    expect((await at(NOON).checkHealth()).alerts).toEqual([]);
    fail(51, NOON + 1);
    const summary = await at(NOON + MINUTE).checkHealth();
    expect(summary).toMatchObject({ healthy: false, alerts: ['failure_rate', 'recent_failures'] });
    await at(NOON + 2 * MINUTE).checkHealth();
    const raised = ['alert_raised failure_rate', 'alert_raised recent_failures', 'alert_raised fault_mirror'];
    expect(outbox.kinds).toEqual(raised);
    await at(NOON + 26 * HOUR).checkHealth();
    await at(NOON + 26 * HOUR + MINUTE).checkHealth();
    expect(outbox.kinds.slice(3)).toEqual(['alert_cleared failure_rate', 'alert_cleared recent_failures']);
    // Nobody brings this mirror up to date.
    const standing = listAlerts(keeper.get()).filter((alert) => alert.raised);
    expect(standing.map(({ name }) => name)).toEqual(['fault_mirror']);
  });

  test('keeps what the stability of the system is measured from', async () => {
    const { at, keeper } = setUp();
    for (const minute of [0, 1, 2, 3]) await at(NOON + minute * MINUTE).checkHealth();
    const { uptime } = targetCounts(keeper.get(), { sinceMs: NOON, untilMs: NOON + HOUR });
    expect(uptime.observed).toBeGreaterThan(0);
    expect(uptime.available).toBe(uptime.observed);
  });
});

describe('a verdict', () => {
  test('confirms or corrects a classification, which the accuracy is measured by', async () => {
    const { activities, fail, keeper } = setUp();
    fail(2, NOON);
    const of = (n: number) => `run-of-task-${NOON}-${n}`;
    await activities.recordVerdict({ runId: of(0), rightCategory: 'recoverable_network', atMs: NOON });
    await activities.recordVerdict({ runId: of(1), rightCategory: 'unrecoverable_data', atMs: NOON });
    const { judgedClassifications } = targetCounts(keeper.get(), { sinceMs: NOON, untilMs: NOON + 1 });
    expect(judgedClassifications).toEqual({ total: 2, good: 1 });
  });

  test('about a run that the mirror does not have yet is tried again', async () => {
    const { activities } = setUp();
    const verdict = { runId: 'nobody', rightCategory: 'unknown', atMs: NOON };
    await expect(activities.recordVerdict(verdict)).rejects.toThrow(/nobody/);
  });
});
