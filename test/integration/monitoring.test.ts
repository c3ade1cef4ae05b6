/** Health, verdicts and targets as a user sees them, on a real engine with the real activities. */
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backupsDir } from '../../src/activities/maintenance/settings.ts';
import {
  createMonitoringActivities,
  mirrorPort,
  monitoringSettings,
} from '../../src/activities/monitoring/index.ts';
import { MONITORING_QUEUE, RECOVERY_QUEUE } from '../../src/domain/queues.ts';
import { nativeConnectionOptions } from '../../src/engine/connect.ts';
import { ensureSchedules } from '../../src/engine/schedules.ts';
import { PATTERN_ANALYSIS, systemSchedules } from '../../src/engine/system-schedules.ts';
import { loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { silentLogger } from '../../src/logger.ts';
import { MirrorKeeper, runProjector } from '../../src/mirror/index.ts';
import { temporalStatus } from '../../src/monitoring/index.ts';
import { fingerprintOf } from '../../src/report/index.ts';
import { VisibilitySource } from '../../src/tasks/visibility-source.ts';
import { json, ownDataDir, rekindle } from '../cli/support/cli.ts';
import { suiteRekindle } from '../support/rekindle.ts';
import { tempDir } from '../support/temp-dir.ts';

const at = suiteRekindle();
const schedulesOf = () => systemSchedules(at().config).map(({ id }) => id);
/** A command for the running engine. */
const cli = (code: number, ...args: string[]) => json([...args, '--data-dir', at().config.dataDir], code);

/** Keeps the mirror, and serves the two queues, as the caretaker does. */
let stopCare: (() => Promise<void>) | undefined;
async function startCare(): Promise<void> {
  const { config, connected } = at();
  const keeper = new MirrorKeeper(config.database.path);
  const ending = new AbortController();
  const source = new VisibilitySource(connected.client);
  const projecting = runProjector({ mirror: keeper, source, signal: ending.signal, fingerprintOf });
  const connection = await NativeConnection.connect(nativeConnectionOptions(connected));
  const workflowBundle = await loadWorkflowBundle();
  const activities = createMonitoringActivities({
    mirror: mirrorPort(keeper, backupsDir(config)),
    temporal: temporalStatus(connected.client),
    settings: monitoringSettings(config, schedulesOf()),
    notify: async () => undefined,
    log: silentLogger,
  });
  const workers = await Promise.all(
    [MONITORING_QUEUE, RECOVERY_QUEUE].map((taskQueue) =>
      Worker.create({ connection, taskQueue, workflowBundle, activities }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  stopCare = async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
    ending.abort();
    await projecting;
    keeper.close();
    await connection.close();
  };
}
afterAll(async () => stopCare?.());

const faultsOf = (report: { checks: { name: string; ok: boolean }[] }) =>
  report.checks.filter(({ ok }) => !ok).map(({ name }) => name);

test('rekindle health ends with 4 when no engine runs', async () => {
  const { code, stdout } = await rekindle(['health', '--json', '--data-dir', ownDataDir()]);
  expect(code).toBe(4);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ENGINE_UNAVAILABLE' } });
});

test('without anybody who takes care, health says what is missing', async () => {
  const report = await cli(1, 'health');
  expect(report).toMatchObject({ healthy: false, available: true, alerts: [] });
  expect(faultsOf(report)).toEqual(['recovery_queue', 'monitoring_queue', 'schedules', 'mirror']);
  const verdict = await rekindle(['failure', 'judge', 'x', 'unknown', '--data-dir', at().config.dataDir]);
  expect(verdict.code).toBe(3);
});

describe('with the mirror kept and the queues served', () => {
  beforeAll(async () => {
    await startCare();
    await ensureSchedules(at().connected.client, systemSchedules(at().config));
  });

  test('health is well', async () => {
    const { client } = at().connected;
    await expect.poll(() => temporalStatus(client).isPolled(RECOVERY_QUEUE), { timeout: 10_000 }).toBe(true);
    await expect
      .poll(async () => (await rekindle(['health', '--data-dir', at().config.dataDir])).code, {
        timeout: 15_000,
      })
      .toBe(0);
    const report = await cli(0, 'health');
    expect(report).toMatchObject({ healthy: true, available: true });
    expect(report.alerts.map(({ state }: { state: string }) => state)).not.toContain('raised');
    const people = await rekindle(['health', '--data-dir', at().config.dataDir, '--locale', 'zh-CN']);
    expect(people.stdout).toMatch(/✓ Temporal 服务器：.*\n[\s\S]*系统健康\n$/);
  });

  test('a paused schedule is a fault until it goes on', async () => {
    const handle = at().connected.client.schedule.getHandle(PATTERN_ANALYSIS);
    await handle.pause('for a test');
    // A busy engine may be late with other answers, which is a fault of its own.
    const health = async () =>
      (await rekindle(['health', '--json', '--data-dir', at().config.dataDir])).json as Parameters<
        typeof faultsOf
      >[0];
    const options = { timeout: 25_000 };
    await expect.poll(async () => faultsOf(await health()), options).toEqual(['schedules']);
    expect(JSON.stringify((await health()).checks)).toContain('for a test');
    await handle.unpause();
    await expect.poll(async () => faultsOf(await health()), options).toEqual([]);
  });

  test('a verdict about a failure counts for the accuracy that stats shows', async () => {
    const { server } = at();
    const url = `http://127.0.0.1:${server.port}/nobody-has-this.bin`;
    const failed = await cli(1, 'download', url, '--to', tempDir('download'));
    const taskId = failed.task_id;
    expect(failed.error.category).toBe('unrecoverable_business');
    expect(await cli(0, 'failure', 'judge', taskId, 'unrecoverable_business')).toMatchObject({
      task_id: taskId,
      category: 'unrecoverable_business',
      right: true,
    });
    const { failures } = await cli(0, 'failure', 'list', '--category', 'unrecoverable_business');
    expect(failures).toMatchObject([{ task_id: taskId, action: null, run_status: 'FAILED' }]);
    const accuracy = async () => {
      const { targets } = await cli(0, 'stats');
      return targets.find(({ id }: { id: string }) => id === 'classification_accuracy');
    };
    expect(await accuracy()).toMatchObject({ value: 1, met: true, samples: 1, target: 0.95 });
    // The last word counts.
    await cli(0, 'failure', 'judge', taskId, 'unrecoverable_data');
    expect(await accuracy()).toMatchObject({ value: 0, met: false, samples: 1 });
  });

  test('a verdict about nothing is refused', async () => {
    const { server, config } = at();
    const judge = async (...args: string[]) =>
      (await rekindle(['failure', 'judge', ...args, '--data-dir', config.dataDir])).code;
    expect(await judge('no-such-task', 'unknown')).toBe(3);
    expect(await judge('no-such-task', 'recoverable_netwrok')).toBe(2);
    const done = await cli(
      0,
      'download',
      server.serve('/done.bin', { size: 10 }),
      '--to',
      tempDir('download'),
    );
    expect(await judge(done.task_id, 'unknown')).toBe(5);
  });

  test('stats tells people of the nine targets, with definitions and what has no data yet', async () => {
    const { stdout } = await rekindle(['stats', '--data-dir', at().config.dataDir]);
    for (const name of ['resume success', 'stability', 'notification delay']) expect(stdout).toContain(name);
    expect(stdout).toContain('no data yet');
    expect(stdout).toContain('Of the runs that started from a checkpoint');
    expect(stdout).toContain('99.20 % (5.2 s)');
    expect(stdout).toMatch(/crash recovery time .* < 30 s .* 12\.8 s\n/);
  });

  test('the health check and the analysis run as workflows', async () => {
    const { connected } = at();
    const run = (workflow: string, workflowId: string, ...args: unknown[]) =>
      connected.client.workflow.execute(workflow, { taskQueue: MONITORING_QUEUE, workflowId, args });
    const checked = await run('healthCheck', 'health-check-test', { everyMs: 200, forMs: 1200 });
    expect(checked).toMatchObject({ failed: 0, last: { healthy: true, faults: [], alerts: [] } });
    expect((checked as { checks: number }).checks).toBeGreaterThan(1);
    const stability = (await cli(0, 'stats')).targets.find(({ id }: { id: string }) => id === 'stability');
    expect(stability).toMatchObject({ value: 1, met: true });
    const summary = (await run('patternAnalysis', 'pattern-analysis-test')) as { failures: number };
    expect(summary.failures).toBeGreaterThan(0);
    const { reports } = await cli(0, 'report', 'list', '--kind', 'failure_analysis');
    expect(reports).toMatchObject([{ total: summary.failures, problem: null }]);
  });
});
