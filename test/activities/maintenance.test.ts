import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test } from 'vitest';
import { cleanFiles } from '../../src/activities/maintenance/clean-files.ts';
import { retentions } from '../../src/activities/maintenance/clean-mirror.ts';
import { createMaintenanceActivities, maintenanceSettings } from '../../src/activities/maintenance/index.ts';
import { loadConfig } from '../../src/config.ts';
import type { Notification } from '../../src/domain/notification.ts';
import { acquireMachineLock } from '../../src/locks/machine-lock.ts';
import { silentLogger } from '../../src/logger.ts';
import { backupName, listBackups, taskStatistics, upsertTasks } from '../../src/mirror/index.ts';
import { NotificationLog } from '../../src/notify/index.ts';
import { fillPageWithNoise, testKeeper, testMirror } from '../mirror/support/mirrors.ts';
import { completed, record } from '../mirror/support/records.ts';
import { tempDir } from '../support/temp-dir.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

function setUp() {
  const config = loadConfig({ dataDir: join(tempDir('house'), 'data') }, {});
  const settings = maintenanceSettings(config);
  const keeper = testKeeper(config.database.path);
  const told: (string | null)[] = [];
  const activities = createMaintenanceActivities({
    mirror: keeper,
    settings,
    tellOfBackup: async (problem) => {
      told.push(problem);
    },
    log: silentLogger,
  });
  return { config, settings, keeper, activities, told };
}

function put(path: string, touchedMs: number, text = 'x'): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  utimesSync(path, touchedMs / 1000, touchedMs / 1000);
  return path;
}

const inEnvironment = <T>(fn: () => Promise<T>, attempt = 1): Promise<T> =>
  new MockActivityEnvironment({ attempt }).run(fn) as Promise<T>;
const logLine = (ms: number) => `{"time":"${new Date(ms).toISOString()}","id":"x"}\n`;
const NOTHING = { reports: 0, logsRotated: 0, logsRemoved: 0, backups: 0, leftOvers: 0, locks: 0 };

describe('cleaning files', () => {
  test('of a data directory that has none yet does nothing', async () => {
    const { settings } = setUp();
    expect(await cleanFiles(settings, Date.now())).toEqual(NOTHING);
  });

  test('removes reports older than the logs are kept, to the millisecond, and no other file', async () => {
    const { settings } = setUp();
    const now = Date.now();
    const report = (day: number, ms: number) =>
      put(
        join(settings.reportsDirectory, 'failure_analysis', `failure_analysis_2026010${day}_120000.json`),
        ms,
      );
    const old = report(1, now - WEEK - 1);
    const exact = report(2, now - WEEK);
    const mine = put(join(settings.reportsDirectory, 'failure_analysis', 'notes.txt'), now - 9 * WEEK);
    expect(await cleanFiles(settings, now)).toEqual({ ...NOTHING, reports: 1 });
    expect([old, exact, mine].map(existsSync)).toEqual([false, true, true]);
  });

  test('removes what unfinished scans, reports and backups left after a day', async () => {
    const { settings } = setUp();
    const now = Date.now();
    const leave = (ms: number, n: number) => {
      const scan = join(settings.reportsDirectory, `.scan-${n}`);
      put(join(scan, '0.jsonl'), ms);
      utimesSync(scan, ms / 1000, ms / 1000);
      put(join(settings.reportsDirectory, 'failure_processing', `.failure_processing-${n}.tmp`), ms);
      put(join(settings.backupsDirectory, `recovery-2026010${n}_000000.db.1.unfinished`), ms);
      put(`${settings.databasePath}.${n}.unfinished`, ms);
    };
    leave(now - DAY - 1, 1);
    leave(now - DAY, 2);
    expect(await cleanFiles(settings, now)).toEqual({ ...NOTHING, leftOvers: 4 });
    expect(readdirSync(settings.reportsDirectory).sort()).toEqual(['.scan-2', 'failure_processing']);
    expect(await cleanFiles(settings, now)).toEqual(NOTHING);
  });

  test('puts a log aside whose first line is old, and removes it a week after its last', async () => {
    const { settings } = setUp();
    const now = Date.now();
    const logs = settings.logsDirectory;
    put(join(logs, 'admin_alerts.log'), now, logLine(now - WEEK - 1) + logLine(now));
    put(join(logs, 'user_notifications.log'), now, logLine(now - WEEK) + logLine(now));
    put(join(logs, 'mine.log'), now - 9 * WEEK, logLine(now - 9 * WEEK));
    expect(await cleanFiles(settings, now)).toEqual({ ...NOTHING, logsRotated: 1 });
    const [aside = ''] = readdirSync(logs).filter((name) => name.startsWith('admin_alerts'));
    expect(aside).toMatch(/^admin_alerts-\d{8}_\d{6}\.log$/);
    expect(readFileSync(join(logs, aside), 'utf8').split('\n')).toHaveLength(3);
    // The writer makes a new one, with nothing lost in between.
    const alert = { id: 'n', kind: 'test', audience: 'administrators', priority: 'normal' } as const;
    const notification: Notification = { ...alert, occurredAtMs: now, decidedAtMs: now };
    await new NotificationLog(logs, 'en').append([notification]);
    expect(readFileSync(join(logs, 'admin_alerts.log'), 'utf8')).toContain('"id":"n"');
    expect(await cleanFiles(settings, now)).toEqual(NOTHING);
    utimesSync(join(logs, aside), (now - WEEK - 1) / 1000, (now - WEEK - 1) / 1000);
    expect(await cleanFiles(settings, now)).toEqual({ ...NOTHING, logsRemoved: 1 });
    expect(readdirSync(logs).sort()).toEqual(['admin_alerts.log', 'mine.log', 'user_notifications.log']);
  });

  test('removes backups that are not kept any more', async () => {
    const { settings } = setUp();
    const now = Date.now();
    for (let n = 0; n < 40; n++) put(join(settings.backupsDirectory, backupName(now - n * 60_000)), now);
    const { backups } = await cleanFiles({ ...settings, backupsKept: { last: 5, days: 0 } }, now);
    expect(backups).toBe(35);
    expect(listBackups(settings.backupsDirectory)).toHaveLength(5);
  });

  test('removes locks that nobody had for a week, and none that somebody has', async () => {
    const { settings } = setUp();
    const held = await acquireMachineLock(settings.locksDirectory, 'held', {});
    await (await acquireMachineLock(settings.locksDirectory, 'idle', {})).release();
    await (await acquireMachineLock(settings.locksDirectory, 'lately', {})).release();
    const age = (name: string) => {
      for (const place of readdirSync(settings.locksDirectory)) {
        if (!place.startsWith(name)) continue;
        for (const file of readdirSync(join(settings.locksDirectory, place)))
          utimesSync(join(settings.locksDirectory, place, file), 1e9, 1e9);
      }
    };
    age('held');
    age('idle');
    expect(await cleanFiles(settings, Date.now())).toEqual({ ...NOTHING, locks: 1 });
    expect(readdirSync(settings.locksDirectory)).toHaveLength(2);
    await held.release();
  });

  test('does the rest when a part cannot be done, and says what', async () => {
    const { settings } = setUp();
    const now = Date.now();
    put(settings.reportsDirectory, now, 'a file where a directory should be');
    put(join(settings.backupsDirectory, 'recovery-20260101_000000.db.1.unfinished'), now - 2 * DAY);
    await expect(cleanFiles(settings, now)).rejects.toThrowError(/ENOTDIR/);
    expect(readdirSync(settings.backupsDirectory)).toEqual([]);
  });
});

describe('the activities', () => {
  test('keep everything as long as the configuration says', () => {
    const { config } = setUp();
    expect(retentions(config.cleanup)).toEqual({
      tasks: DAY,
      sessions: DAY,
      recoveryLogs: WEEK,
      failures: 30 * DAY,
      notifications: WEEK,
      messages: WEEK,
      measurements: WEEK,
    });
  });

  test('keep it as long as another configuration says, locks as long as logs', async () => {
    const file = join(tempDir('house'), 'rekindle.yaml');
    const cleanup = {
      completed_task_retention: 1,
      session_timeout: 60,
      log_retention: 2,
      failure_retention: 3,
    };
    writeFileSync(file, JSON.stringify({ recovery: { cleanup } }));
    const config = loadConfig({ configFile: file, dataDir: join(dirname(file), 'data') }, {});
    expect(retentions(config.cleanup)).toMatchObject({
      tasks: HOUR,
      sessions: 60_000,
      recoveryLogs: 2 * HOUR,
      failures: 3 * HOUR,
    });
    const settings = maintenanceSettings(config);
    const { locksDirectory } = settings;
    await (await acquireMachineLock(locksDirectory, 'idle', {})).release();
    const [place = ''] = readdirSync(locksDirectory).map((name) => join(locksDirectory, name));
    const usedAgo = (ms: number) => put(join(place, 'lock'), Date.now() - ms, '');
    usedAgo(2 * HOUR - 60_000);
    expect((await cleanFiles(settings, Date.now())).locks).toBe(0);
    usedAgo(2 * HOUR + 60_000);
    expect((await cleanFiles(settings, Date.now())).locks).toBe(1);
  });

  test('clean the mirror up and give its space back', async () => {
    const { keeper, activities } = setUp();
    const now = Date.now();
    const ages = [DAY + 1, DAY, 0];
    upsertTasks(
      keeper.get(),
      ages.map((age) => completed(`task-${age}`, now - age)),
    );
    const removed = await inEnvironment(() => activities.cleanMirror({ atMs: now }));
    expect(removed).toMatchObject({ tasks: 1, sessions: 0, failures: 0 });
    expect(taskStatistics(keeper.get()).total).toBe(2);
    const space = await inEnvironment(() => activities.shrinkMirror({ fromShare: 0 }));
    expect(space.freeAfter).toBe(0);
  });

  test('make a backup; doing it again makes the same one', async () => {
    const { keeper, activities, settings } = setUp();
    upsertTasks(keeper.get(), [record('a')]);
    const atMs = Date.now();
    const made = await inEnvironment(() => activities.backUpMirror({ atMs }));
    expect(made).toMatchObject({ path: join(settings.backupsDirectory, backupName(atMs)), removed: 0 });
    expect(await inEnvironment(() => activities.backUpMirror({ atMs }))).toEqual(made);
    expect(taskStatistics(testMirror(made.path)).total).toBe(1);
  });

  test('tell people of backups that go on failing, and of the first good one after that', async () => {
    const { activities, settings, told } = setUp();
    const tried = (attempt: number) =>
      inEnvironment(() => activities.backUpMirror({ atMs: Date.now() }), attempt).catch(() => undefined);
    put(settings.backupsDirectory, Date.now(), 'a file where the directory should be');
    await tried(1);
    await tried(2);
    expect(told).toEqual([]);
    await tried(3);
    expect(told).toEqual([expect.stringContaining('cannot be written')]);
    rmSync(settings.backupsDirectory);
    await tried(4);
    expect(told.slice(1)).toEqual([null]);
  });

  test('heal a mirror that a backup finds damaged: the next one stands', async () => {
    const { keeper, activities, settings } = setUp();
    upsertTasks(
      keeper.get(),
      Array.from({ length: 300 }, (_, i) => record(`task-${i}`)),
    );
    keeper.close();
    fillPageWithNoise(settings.databasePath, 'task_states');
    const atMs = Date.now();
    const backUp = () => inEnvironment(() => activities.backUpMirror({ atMs }));
    await expect(backUp()).rejects.toMatchObject({ code: 'MIRROR_UNAVAILABLE' });
    expect(listBackups(settings.backupsDirectory)).toEqual([]);
    await backUp();
    expect(listBackups(settings.backupsDirectory)).toHaveLength(1);
    const names = readdirSync(dirname(settings.databasePath));
    expect(names.some((name) => name.startsWith('recovery.db.damaged-'))).toBe(true);
  });
});
