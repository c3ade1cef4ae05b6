/**
 * Tasks a second: our download workflow (with steps that do nothing, our interceptors and a mirror that follows)
 * beside a bare workflow with as many activities, on the same engine, taking turns.
 * Arguments: `--tasks N` for each turn (default 300), `--runs N` (default 5), `--without-mirror` to see what following costs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { stepFactory } from '../src/activities/define-step.ts';
import type { VideoDownloadSteps } from '../src/activities/types.ts';
import { loadConfig } from '../src/config.ts';
import type { RetryPolicy } from '../src/domain/retry-policy.ts';
import type { Source } from '../src/domain/video-download.ts';
import { connect } from '../src/engine/connect.ts';
import { ensureEngine } from '../src/engine/ensure-engine.ts';
import { prepareNamespace } from '../src/engine/prepare-namespace.ts';
import { loadWorkflowBundle } from '../src/engine/workflow-bundle.ts';
import { failureInterceptor } from '../src/failures/activity-interceptor.ts';
import { classify } from '../src/failures/classify.ts';
import { shortMessage } from '../src/failures/short-message.ts';
import { MirrorKeeper, projectOnce, runProjector, taskStatistics } from '../src/mirror/index.ts';
import { InFlightJournal, journalInterceptor } from '../src/supervisor/in-flight-journal.ts';
import { startTask } from '../src/tasks/start-task.ts';
import { VisibilitySource } from '../src/tasks/visibility-source.ts';
import { median, printTable } from './support/measure.ts';

const LANES = 100;
const QUEUES = { bare: 'bench-bare', ours: 'bench-ours' } as const;

export async function run(args: string[]): Promise<void> {
  const option = (name: string, otherwise: number): number => {
    const at = args.indexOf(name);
    return at >= 0 ? Number(args[at + 1]) : otherwise;
  };
  const tasks = option('--tasks', 300);
  const runs = option('--runs', 5);
  const dir = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
  try {
    await measure(dir, tasks, runs, !args.includes('--without-mirror'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(dir: string, tasks: number, runs: number, withMirror: boolean): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const config = loadConfig({ dataDir: dir });
  const engine = await ensureEngine(config, { say: console.error });
  const { client, connection, settings, close } = await connect(config, engine);
  await prepareNamespace(connection, {
    namespace: config.namespace,
    retentionMs: config.engine.retentionMs,
    create: true,
  });
  const native = await NativeConnection.connect(settings);
  const journal = new InFlightJournal(join(dir, 'run'), 'command');
  const workers = [await bareWorker(native), await ourWorker(native, journal, config.retry)];
  const running = workers.map((worker) => worker.run());
  const mirror = new MirrorKeeper(config.database.path);
  const source = new VisibilitySource(client);
  const ending = new AbortController();
  const projector = withMirror ? runProjector({ mirror, source, signal: ending.signal }) : Promise.resolve();

  const rates: { bare: number[]; ours: number[] } = { bare: [], ours: [] };
  let serial = 0;
  for (let i = 0; i <= runs; i++) {
    const bare = await rate(tasks, () =>
      client.workflow.execute('bare', { taskQueue: QUEUES.bare, workflowId: `bare-${serial++}` }),
    );
    const ours = await rate(tasks, () => runOurs(client, `ours-${serial++}`));
    if (i === 0) continue; // Warms up.
    rates.bare.push(bare);
    rates.ours.push(ours);
  }
  ending.abort();
  await projector;
  await projectOnce(mirror, source);
  const { by_status } = taskStatistics(mirror.get());
  const ratios = rates.ours.map((ours, i) => ours / (rates.bare[i] ?? Number.NaN));
  const row = (values: number[]): string =>
    `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)})`;
  printTable(
    `Tasks a second, ${tasks} a turn, ${runs} turns, ${LANES} at once: median (min–max)`,
    ['', 'tasks/s'],
    [
      ['bare Temporal workflow, 5 activities', row(rates.bare)],
      ['rekindle task, 5 steps, mirror following', row(rates.ours)],
      ['ratio, turn by turn (asked ≥ 0.8)', ratios.length > 0 ? median(ratios).toFixed(2) : '–'],
    ],
  );
  console.log(`the mirror has ${by_status.completed} completed tasks of ${tasks * (runs + 1)}`);

  for (const worker of workers) worker.shutdown();
  await Promise.all(running);
  journal.close();
  mirror.close();
  await native.close();
  await close();
  await engine.release();
}

/** Tasks a second of so many, some at once. */
export async function rate(tasks: number, execute: () => Promise<unknown>): Promise<number> {
  let left = tasks;
  const start = performance.now();
  const lane = async (): Promise<void> => {
    while (left-- > 0) await execute();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return (1000 * tasks) / (performance.now() - start);
}

/** A download task that downloads nothing. */
export async function runOurs(
  client: Client,
  taskId: string,
  taskQueue: string = QUEUES.ours,
): Promise<void> {
  const task = { url: 'http://127.0.0.1/none', directory: '/' };
  await startTask(client, {
    taskId,
    taskType: 'video_download',
    workflowType: 'videoDownload',
    taskQueue,
    input: { task },
    data: { url: task.url, directory: task.directory },
    summary: 'bench',
  });
  await client.workflow.getHandle(taskId).result();
}

async function bareWorker(connection: NativeConnection): Promise<Worker> {
  const workflowsPath = fileURLToPath(new URL('./support/bare-workflow.ts', import.meta.url));
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const activities = { noop: async (n: number) => n };
  return await Worker.create({ connection, taskQueue: QUEUES.bare, workflowBundle, activities });
}

/** A worker of ours with steps that do nothing. */
export async function ourWorker(
  connection: NativeConnection,
  journal: InFlightJournal,
  policy: RetryPolicy,
  more: Partial<WorkerOptions> = {},
): Promise<Worker> {
  return await Worker.create({
    connection,
    taskQueue: QUEUES.ours,
    workflowBundle: await loadWorkflowBundle(),
    ...more,
    activities: idleSteps(),
    interceptors: {
      activity: [
        journalInterceptor(journal),
        failureInterceptor({ policy, classify, shortMessage, fingerprint: () => '' }),
      ],
    },
  });
}

/** The steps of a download, doing nothing: only the machinery is measured. */
function idleSteps(): VideoDownloadSteps {
  const defineStep = stepFactory(async () => undefined);
  const source: Source = {
    url: '',
    finalUrl: '',
    size: 1,
    etag: null,
    lastModified: null,
    acceptsRanges: true,
    suggestedName: 'x',
    digest: null,
  };
  return {
    probe: defineStep('probe', async () => source),
    reserve: defineStep('reserve', async () => ({ targetPath: '', partPath: '', mapPath: '' })),
    transfer: defineStep('transfer', async () => ({
      bytes: 1,
      bytesFetched: 1,
      resumed: false,
      restarts: 0,
      source,
    })),
    verify: defineStep('verify', async () => ({ sha256: null })),
    publish: defineStep('publish', async () => ({ path: '', bytes: 1, modifiedAtMs: 0 })),
    recall: defineStep('recall', async () => false),
    discard: defineStep('discard', async () => null),
  };
}
