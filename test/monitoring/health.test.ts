import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  backupAlert,
  checkAlerts,
  checkHealth,
  DEFAULT_THRESHOLDS,
  type HealthSettings,
  lookAtHealth,
  updateAlerts,
} from '../../src/monitoring/index.ts';
import { tempDir } from '../support/temp-dir.ts';
import { FakeMirror, FakeOutbox, fakeTemporal, NOON, QUIET } from './support.ts';

const MINUTE = 60_000;

function setUp(faults: Parameters<typeof fakeTemporal>[0] = {}) {
  const directory = tempDir('health');
  const mirror = new FakeMirror();
  const outbox = new FakeOutbox(mirror);
  const settings: HealthSettings = {
    taskQueue: 'rekindle',
    schedules: ['failure-scan', 'pattern-analysis'],
    backups: true,
    dataDirectory: directory,
    logDirectory: join(directory, 'logs'),
    thresholds: DEFAULT_THRESHOLDS,
    locale: 'en',
  };
  const ports = { temporal: fakeTemporal(faults), mirror, notify: outbox.notify };
  const faultsOf = async (nowMs = NOON) => {
    const { checks } = await lookAtHealth(ports, settings, nowMs);
    return checks.filter((check) => !check.ok).map(({ name, detail }) => [name, detail]);
  };
  return { mirror, outbox, settings, ports, faultsOf };
}

const failing = { ...QUIET, recentFailures: 99 };

describe('the health check', () => {
  test('finds nothing when all is well', async () => {
    const { ports, settings } = setUp();
    const report = await lookAtHealth(ports, settings, NOON);
    expect(report).toMatchObject({ healthy: true, available: true });
    expect(report.checks.map(({ name }) => name)).toEqual([
      'engine',
      'worker',
      'recovery_queue',
      'monitoring_queue',
      'schedules',
      'mirror',
      'disk_space',
      'log_directory',
      'backup',
    ]);
  });

  test('a server that cannot be reached: nothing that it knows is known', async () => {
    const { ports, settings, faultsOf } = setUp({ gone: new Error('connection refused') });
    const names = (await faultsOf()).map(([name]) => name);
    expect(names).toEqual(['engine', 'worker', 'recovery_queue', 'monitoring_queue', 'schedules']);
    expect((await lookAtHealth(ports, settings, NOON)).available).toBe(false);
  });

  test('no worker for the tasks: not available; none for rekindle’s own queues: available, not healthy', async () => {
    const tasks = setUp({ notPolled: ['rekindle'] });
    expect((await lookAtHealth(tasks.ports, tasks.settings, NOON)).available).toBe(false);
    const own = setUp({ notPolled: ['recovery', 'monitoring'] });
    const report = await lookAtHealth(own.ports, own.settings, NOON);
    expect(report).toMatchObject({ healthy: false, available: true });
    expect(await own.faultsOf()).toEqual([
      ['recovery_queue', expect.stringContaining('"recovery"')],
      ['monitoring_queue', expect.stringContaining('"monitoring"')],
    ]);
  });

  test('a schedule that is paused, with why, and one that is missing', async () => {
    const { faultsOf } = setUp({
      schedules: {
        'failure-scan': { state: 'paused', note: 'holidays' },
        'pattern-analysis': { state: 'missing', note: null },
      },
    });
    const [[name, detail] = []] = await faultsOf();
    expect(name).toBe('schedules');
    expect(detail).toMatch(/"failure-scan" is paused \(holidays\).*no schedule "pattern-analysis"/);
  });

  test('a mirror that is behind, was never written, or cannot be read', async () => {
    const { mirror, faultsOf, ports, settings } = setUp();
    mirror.projectedMs = NOON;
    expect(await faultsOf(NOON + MINUTE)).toEqual([]);
    expect(await faultsOf(NOON + 2 * MINUTE)).toEqual([['mirror', expect.stringContaining('120 s')]]);
    mirror.projectedMs = null;
    expect((await faultsOf())[0]?.[0]).toBe('mirror');
    mirror.failure = new Error('file is locked');
    expect(await faultsOf()).toEqual([['mirror', expect.stringContaining('file is locked')]]);
    expect((await lookAtHealth(ports, settings, NOON)).alerts).toEqual([]);
  });

  test('a log directory or log file that cannot be written', async () => {
    const { settings, faultsOf } = setUp();
    writeFileSync(settings.logDirectory, 'a file where the directory should be');
    expect(await faultsOf()).toEqual([['log_directory', expect.stringContaining(settings.logDirectory)]]);
  });

  test('says it in Chinese too', async () => {
    const { ports, settings } = setUp({ notPolled: ['recovery'] });
    const { checks } = await lookAtHealth(ports, { ...settings, locale: 'zh-CN' }, NOON);
    for (const { detail } of checks) expect(detail).toMatch(/[\u3400-\u9fff]/);
  });

  test('keeps what it saw', async () => {
    const { mirror, ports, settings } = setUp({ notPolled: ['rekindle'] });
    await checkHealth(ports, settings, NOON);
    expect(mirror.checks).toEqual([{ atMs: NOON, available: false, faults: ['worker'] }]);
  });
});

describe('a fault', () => {
  const paused = (state: 'paused' | 'active') => ({ 'failure-scan': { state, note: 'holidays' } });

  test('that lasts is told once, with what was found, and once when it is over', async () => {
    const { outbox, ports, settings } = setUp({ schedules: paused('paused') });
    for (const minute of [0, 1, 2, 3]) await checkHealth(ports, settings, NOON + minute * MINUTE);
    expect(outbox.told).toEqual([
      expect.objectContaining({
        id: `alert-fault_schedules-${NOON + MINUTE}`,
        kind: 'alert_raised',
        alert: {
          name: 'fault_schedules',
          value: 1,
          threshold: 0,
          detail: expect.stringContaining('"failure-scan" is paused (holidays)'),
        },
      }),
    ]);
    const well = { ...ports, temporal: fakeTemporal({ schedules: paused('active') }) };
    for (const minute of [4, 5]) await checkHealth(well, settings, NOON + minute * MINUTE);
    expect(outbox.kinds).toEqual(['alert_raised fault_schedules', 'alert_cleared fault_schedules']);
  });

  test('that is gone with the next check, or was last seen long ago, needs nobody', async () => {
    const { mirror, outbox, ports, settings } = setUp();
    mirror.projectedMs = null;
    await checkHealth(ports, settings, NOON);
    mirror.projectedMs = NOON + MINUTE;
    await checkHealth(ports, settings, NOON + MINUTE);
    mirror.projectedMs = null;
    await checkHealth(ports, settings, NOON + 2 * MINUTE);
    await checkHealth(ports, settings, NOON + 60 * MINUTE);
    expect(outbox.told).toEqual([]);
  });

  test('a scheduled backup that failed shows until the next good one; without backups nothing is said of them', async () => {
    const { mirror, outbox, ports, settings, faultsOf } = setUp();
    const tell = (problem: string | null, atMs: number) => updateAlerts([backupAlert(problem)], ports, atMs);
    for (const minute of [0, 1, 2]) await tell('no room for the backup', NOON + minute * MINUTE);
    mirror.newestBackup = NOON - 60 * MINUTE;
    expect(await faultsOf(NOON)).toEqual([['backup', expect.stringMatching(/failed.*60 min ago/)]]);
    await checkHealth(ports, settings, NOON + 3 * MINUTE);
    await checkHealth(ports, settings, NOON + 4 * MINUTE);
    const { checks } = await lookAtHealth(ports, { ...settings, backups: false }, NOON);
    expect(checks.map(({ name }) => name)).not.toContain('backup');
    await tell(null, NOON + 5 * MINUTE);
    expect(await faultsOf(NOON)).toEqual([]);
    expect(outbox.kinds).toEqual(['alert_raised fault_backup', 'alert_cleared fault_backup']);
    expect(outbox.told[0]?.alert?.detail).toBe('no room for the backup');
  });
});

describe('an alert', () => {
  test('is told once when it is raised and once when it is cleared', async () => {
    const { mirror, outbox, ports, settings } = setUp();
    mirror.counts = failing;
    const report = await checkHealth(ports, settings, NOON);
    expect(report.healthy).toBe(false);
    await checkHealth(ports, settings, NOON + MINUTE);
    await checkHealth(ports, settings, NOON + 2 * MINUTE);
    expect(outbox.told).toEqual([
      {
        id: `alert-recent_failures-${NOON}`,
        kind: 'alert_raised',
        audience: 'administrators',
        priority: 'high',
        occurredAtMs: NOON,
        decidedAtMs: NOON,
        alert: { name: 'recent_failures', value: 99, threshold: 50 },
      },
    ]);
    mirror.counts = QUIET;
    await checkHealth(ports, settings, NOON + 3 * MINUTE);
    await checkHealth(ports, settings, NOON + 4 * MINUTE);
    expect(outbox.kinds).toEqual(['alert_raised recent_failures', 'alert_cleared recent_failures']);
    expect(outbox.told[1]?.id).toBe(`alert-recent_failures-${NOON + 3 * MINUTE}`);
  });

  test('is told once when the scan and the health check evaluate it at the same time', async () => {
    const { mirror, outbox, ports, settings } = setUp();
    mirror.counts = failing;
    await Promise.all([
      checkHealth(ports, settings, NOON),
      checkAlerts(ports, settings, NOON + 1),
      checkAlerts(ports, settings, NOON + 2),
    ]);
    expect(outbox.kinds).toEqual(['alert_raised recent_failures']);
  });

  test('that was raised but never told, because the process died, is told by the next one that looks', async () => {
    const { mirror, outbox, ports, settings } = setUp();
    mirror.setAlert({ name: 'recent_failures', raised: true, value: 99, threshold: 50, atMs: NOON });
    mirror.counts = failing;
    await checkAlerts(ports, settings, NOON + MINUTE);
    await checkAlerts(ports, settings, NOON + 2 * MINUTE);
    expect(outbox.told.map(({ id }) => id)).toEqual([`alert-recent_failures-${NOON}`]);
  });

  test('that could not be told is told when telling works again, its end as well', async () => {
    const { mirror, outbox, ports, settings } = setUp();
    mirror.counts = failing;
    outbox.failure = new Error('no server');
    await expect(checkAlerts(ports, settings, NOON)).rejects.toThrow('no server');
    outbox.failure = undefined;
    await checkAlerts(ports, settings, NOON + MINUTE);
    mirror.counts = QUIET;
    outbox.failure = new Error('no server');
    await expect(checkAlerts(ports, settings, NOON + 2 * MINUTE)).rejects.toThrow('no server');
    outbox.failure = undefined;
    await checkAlerts(ports, settings, NOON + 3 * MINUTE);
    await checkAlerts(ports, settings, NOON + 4 * MINUTE);
    expect(outbox.kinds).toEqual(['alert_raised recent_failures', 'alert_cleared recent_failures']);
  });

  test('is no news after a day: logs that were cleaned up tell nothing again', async () => {
    const { mirror, outbox, ports, settings } = setUp();
    mirror.setAlert({ name: 'recent_failures', raised: true, value: 99, threshold: 50, atMs: NOON });
    mirror.counts = failing;
    await checkAlerts(ports, settings, NOON + 25 * 60 * MINUTE);
    expect(outbox.told).toEqual([]);
  });

  test('stays as it is while the mirror cannot be read', async () => {
    const { mirror, outbox, ports, settings } = setUp();
    mirror.counts = failing;
    await checkHealth(ports, settings, NOON);
    mirror.failure = new Error('locked');
    await checkHealth(ports, settings, NOON + MINUTE);
    expect(outbox.kinds).toEqual(['alert_raised recent_failures']);
  });
});

test('a directory that does not exist yet is no fault: it is made', async () => {
  const { settings, faultsOf } = setUp();
  mkdirSync(join(settings.dataDirectory, 'logs'), { recursive: true });
  expect(await faultsOf()).toEqual([]);
});
