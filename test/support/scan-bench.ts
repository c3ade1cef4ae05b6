/** The failure scan on a real engine, with tasks that fail as a test wants, and fakes for people and mirror. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll } from 'vitest';
import { createScanActivities, type ScanDeps } from '../../src/activities/scan/index.ts';
import type { Notification } from '../../src/domain/notification.ts';
import { RECOVERY_QUEUE } from '../../src/domain/queues.ts';
import { nativeConnectionOptions } from '../../src/engine/connect.ts';
import { loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { createClassifier } from '../../src/failures/index.ts';
import { silentLogger } from '../../src/logger.ts';
import type { HandlingInput } from '../../src/mirror/index.ts';
import { fingerprintOf, type ProcessingReport, type ProcessingResult } from '../../src/report/index.ts';
import type { FailureScanInput, FailureScanResult } from '../../src/workflows/failure-scan.ts';
import { suiteEngine } from './engine.ts';
import { FAILING_QUEUE, failingBundle } from './failing-tasks/index.ts';
import { quietRuntime } from './quiet-runtime.ts';

/** What one scan did. */
export interface Scanned {
  readonly result: FailureScanResult;
  readonly report: ProcessingReport | undefined;
  /** The result of a task; undefined: it was no work of this scan. */
  of(taskId: string): ProcessingResult | undefined;
}

type Settings = ScanDeps['settings'];

/** What the tests of a file share. Each test may change what the next scan meets; it is undone before the next test. */
export interface ScanBench {
  readonly client: Client;
  /** What was told, by ID; telling the same twice counts twice. */
  readonly told: Map<string, Notification & { times: number }>;
  readonly handled: Map<string, HandlingInput>;
  settings: Settings;
  /** Replace activities or what they depend on. */
  deps: Partial<ScanDeps>;
  intercept: Partial<ReturnType<typeof createScanActivities>>;
  scan(input?: Partial<FailureScanInput>): Promise<Scanned>;
  /** Waits until so many runs of these tasks have failed, as the lists show it. */
  untilFailed(taskIds: readonly string[], runs?: number): Promise<void>;
  /** Lets a task that can never be handled count as handled. */
  forget(taskId: string): void;
  reportOf(result: FailureScanResult): ProcessingReport | undefined;
  reset(): void;
}

const PATIENCE_MS = 20_000;

/** Call it while tests are collected; use what it returns inside of tests. */
export function scanBench(): () => ScanBench {
  const engine = suiteEngine();
  const reportsDirectory = mkdtempSync(join(tmpdir(), 'rekindle-scan-'));
  let bench: ScanBench | undefined;
  let stop: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    quietRuntime();
    const { connected } = engine();
    const connection = await NativeConnection.connect(nativeConnectionOptions(connected));
    bench = makeBench(connected.client, reportsDirectory);
    const workers = await Promise.all([
      Worker.create({
        connection,
        taskQueue: RECOVERY_QUEUE,
        workflowBundle: await loadWorkflowBundle(),
        activities: {
          scanPage: (input: never) => (bench?.intercept.scanPage ?? activitiesOf(bench).scanPage)(input),
          finishScan: (input: never) =>
            (bench?.intercept.finishScan ?? activitiesOf(bench).finishScan)(input),
        },
      }),
      Worker.create({ connection, taskQueue: FAILING_QUEUE, workflowBundle: await failingBundle() }),
    ]);
    const running = workers.map((worker) => worker.run());
    stop = async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await connection.close();
    };
  }, 120_000);
  afterAll(async () => {
    await stop?.();
    rmSync(reportsDirectory, { recursive: true, force: true });
  });
  return () => {
    if (!bench) throw new Error('scanBench(): ask for it inside a test');
    return bench;
  };
}

/** The real activities as the running test wants them. */
export function activitiesOf(bench: ScanBench | undefined): ReturnType<typeof createScanActivities> {
  if (!bench) throw new Error('the bench is not there yet');
  return createScanActivities({
    client: bench.client,
    settings: bench.settings,
    classifier: createClassifier(),
    fingerprint: (message) => fingerprintOf(message).fingerprint,
    mirror: {
      handledRuns: (ids) => new Set(ids.filter((id) => isHandled(bench.handled.get(id)))),
      recordHandling: (rows) => {
        for (const row of rows) bench.handled.set(row.runId, row);
      },
    },
    notify: async (notifications) => {
      for (const one of notifications) {
        const times = (bench.told.get(one.id)?.times ?? 0) + 1;
        bench.told.set(one.id, { ...one, times });
      }
      return new Map();
    },
    log: silentLogger,
    ...bench.deps,
  });
}

function isHandled(row: HandlingInput | undefined): boolean {
  return row !== undefined && row.action !== 'error' && !(row.detail ?? '').endsWith('_disabled');
}

function makeBench(client: Client, reportsDirectory: string): ScanBench {
  const standard: Settings = {
    recoveryEnabled: true,
    notificationEnabled: true,
    maxAttempts: null,
    locale: 'zh-CN',
    reportsDirectory,
  };
  let scans = 0;
  return {
    client,
    told: new Map(),
    handled: new Map(),
    settings: standard,
    deps: {},
    intercept: {},
    async scan(input = {}) {
      scans += 1;
      const result = (await client.workflow.execute('failureScan', {
        workflowId: `scan-${scans}`,
        taskQueue: RECOVERY_QUEUE,
        args: [{ intervalMs: 1_800_000, ...input }],
      })) as FailureScanResult;
      const report = this.reportOf(result);
      return { result, report, of: (taskId) => report?.results.find(({ task_id }) => task_id === taskId) };
    },
    reportOf({ report }) {
      return report ? (JSON.parse(readFileSync(report, 'utf8')) as ProcessingReport) : undefined;
    },
    forget(taskId) {
      for (const [runId, row] of this.handled)
        if (row.taskId === taskId) this.handled.set(runId, { ...row, action: 'skipped' });
    },
    async untilFailed(taskIds, runs = 1) {
      const names = taskIds.map((id) => `'${id}'`).join(', ');
      const query = `WorkflowId IN (${names}) AND ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')`;
      const deadline = performance.now() + PATIENCE_MS;
      while ((await client.workflow.count(query)).count < taskIds.length * runs) {
        if (performance.now() > deadline) throw new Error(`not all of ${names} have failed`);
      }
    },
    reset() {
      this.settings = standard;
      this.deps = {};
      this.intercept = {};
    },
  };
}
