/**
 * Records `test/histories/`: what Temporal keeps of tasks as this version of the workflows does them. The replay test
 * proves that later versions can go on with such tasks. Histories of earlier versions stay: they are what tasks that
 * were started before an update look like.
 *
 *     node scripts/record-histories.ts [PART OF A NAME]
 *
 * With a part of a name only histories are written whose name has it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { VideoDownloadSteps } from '../src/activities/types.ts';
import { loadConfig } from '../src/config.ts';
import { PAUSE_UPDATE, PROGRESS_SIGNAL, RESUME_UPDATE, type TaskInput } from '../src/domain/task-state.ts';
import type { VideoDownloadInput } from '../src/domain/video-download.ts';
import { connect } from '../src/engine/connect.ts';
import { stopEngine } from '../src/engine/embedded.ts';
import { ensureEngine } from '../src/engine/ensure-engine.ts';
import { prepareNamespace } from '../src/engine/prepare-namespace.ts';
import { loadWorkflowBundle } from '../src/engine/workflow-bundle.ts';
import { startTask } from '../src/tasks/start-task.ts';
import { writeHistory } from '../test/support/history-file.ts';
import { fakeSteps, finalFailure, Gate, INPUT, untilCancelled } from '../test/workflows/fake-steps.ts';
import { recordFailureScan, scanFakes } from './histories/failure-scan.ts';
import { loginFakes, recordLogins } from './histories/login.ts';
import { maintenanceFakes, recordMaintenance } from './histories/maintenance.ts';
import { monitoringFakes, recordMonitoring } from './histories/monitoring.ts';
import { notificationFakes, recordNotifications } from './histories/notifications.ts';
import { recordResourceLocks } from './histories/resource-locks.ts';
import { recordSessions } from './histories/sessions.ts';

interface Story {
  readonly name: string;
  readonly steps?: Partial<VideoDownloadSteps>;
  readonly input?: Partial<TaskInput<VideoDownloadInput>>;
  /** What happens to the task while it runs. */
  readonly events?: (handle: WorkflowHandle) => Promise<void>;
}

const [wanted = ''] = process.argv.slice(2);
const HISTORIES = join(import.meta.dirname, '..', 'test', 'histories');
const TASK_QUEUE = 'recording';
const plain = fakeSteps();
const progress = { step: 'transfer', fraction: 0.4, data: { downloaded_bytes: 400, bytes_fetched: 400 } };

/** The step under way waits for its cancellation; `begun` opens when it does. */
function waiting() {
  const begun = new Gate();
  const step = async (): Promise<never> => {
    begun.open();
    return untilCancelled();
  };
  return { begun, step };
}

function stories(): Story[] {
  const paused = waiting();
  const cancelled = waiting();
  const kept = waiting();
  return [
    { name: 'simple' },
    {
      name: 'paused-and-resumed',
      steps: {
        transfer: (input) => (input.bytesFetchedBefore === 0 ? paused.step() : plain.transfer(input)),
      },
      async events(handle) {
        await paused.begun.opened;
        await handle.signal(PROGRESS_SIGNAL, progress);
        await handle.executeUpdate(PAUSE_UPDATE);
        await handle.executeUpdate(RESUME_UPDATE);
      },
    },
    {
      name: 'failed',
      steps: {
        transfer: async () => {
          throw finalFailure();
        },
      },
    },
    {
      name: 'retried',
      steps: {
        probe: async (input) => {
          if (Context.current().info.attempt === 1) throw new Error('once more, please');
          return plain.probe(input);
        },
      },
    },
    {
      name: 'cancelled',
      steps: { transfer: cancelled.step },
      async events(handle) {
        await cancelled.begun.opened;
        await handle.cancel();
      },
    },
    {
      name: 'cancelled-and-kept',
      steps: { transfer: kept.step },
      async events(handle) {
        await kept.begun.opened;
        await handle.signal('keep');
        await handle.cancel();
      },
    },
    {
      name: 'recovered-from-checkpoint',
      input: {
        checkpoint: {
          step: 'transfer',
          step_index: 2,
          data: { downloaded_bytes: 400, chunk_index: 1, total_size: 1000, bytes_fetched: 450 },
          timestamp: '2026-01-02T03:04:05.000Z',
        },
        recoveryAttempts: 1,
      },
    },
    {
      name: 'already-there',
      input: { task: { ...INPUT, published: { path: '/videos/lesson.mp4', bytes: 1000, modifiedAtMs: 1 } } },
    },
    {
      name: 'damaged-checkpoint',
      input: { checkpoint: { step: 'transfer' } as never },
    },
  ];
}

async function record(client: Client, { name, steps, input, events }: Story): Promise<void> {
  current = fakeSteps(steps);
  const taskId = `recorded-${name}`;
  await startTask(client, {
    taskId,
    taskType: 'video_download',
    workflowType: 'videoDownload',
    taskQueue: TASK_QUEUE,
    input: { task: INPUT, ...input },
    data: { url: INPUT.url },
    summary: `download ${INPUT.url}`,
  });
  const handle = client.workflow.getHandle(taskId);
  await events?.(handle);
  await handle.result().catch(() => undefined);
  await keep(`video-download-${name}`, handle);
}

async function keep(name: string, handle: WorkflowHandle): Promise<void> {
  if (!name.includes(wanted)) return;
  const file = join(HISTORIES, `${name}-${version}.json`);
  writeHistory(file, await handle.fetchHistory());
  console.log(file);
}

let current = fakeSteps();
const names = Object.keys(current) as (keyof VideoDownloadSteps)[];
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

Runtime.install({ logger: new DefaultLogger('ERROR') });
const dataDir = mkdtempSync(join(tmpdir(), 'rekindle-recording-'));
const config = loadConfig({ dataDir });
const engine = await ensureEngine(config, { purpose: 'recording histories' });
try {
  const { connection, close } = await connect(config, engine);
  await prepareNamespace(connection, {
    namespace: engine.namespace,
    retentionMs: config.engine.retentionMs,
    create: true,
  });
  const native = await NativeConnection.connect({ address: engine.address });
  const worker = await Worker.create({
    connection: native,
    identity: 'recorder',
    taskQueue: TASK_QUEUE,
    workflowBundle: await loadWorkflowBundle(),
    activities: {
      ...Object.fromEntries(names.map((name) => [name, (value: never) => current[name](value)])),
      ...maintenanceFakes,
      ...monitoringFakes,
      ...loginFakes,
      ...notificationFakes,
      ...scanFakes,
    },
    maxHeartbeatThrottleInterval: 100,
  });
  const client = new Client({ connection, namespace: engine.namespace, identity: 'recorder' });
  await worker.runUntil(async () => {
    for (const story of stories()) await record(client, story);
    await recordLogins(client, TASK_QUEUE, keep);
    await recordMonitoring(client, TASK_QUEUE, keep);
    await recordMaintenance(client, TASK_QUEUE, keep);
    await recordResourceLocks(client, TASK_QUEUE, keep);
    await recordNotifications(client, TASK_QUEUE, keep);
    await recordFailureScan(client, TASK_QUEUE, keep);
  });
  if ('session-'.includes(wanted) || wanted.includes('session-'))
    await recordSessions(client, native, dataDir, keep);
  await native.close();
  await close();
} finally {
  await stopEngine(dataDir, { graceMs: 0 });
  rmSync(dataDir, { recursive: true, force: true });
}
