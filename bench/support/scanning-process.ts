/**
 * The part of the caretaker that a failure scan needs, in a process of its own so that its memory can be measured: the
 * workflows and activities of queue `recovery`, with a real mirror and real notifications.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createNotificationActivities } from '../../src/activities/notification/index.ts';
import { createScanActivities } from '../../src/activities/scan/index.ts';
import { loadConfig } from '../../src/config.ts';
import { RECOVERY_QUEUE } from '../../src/domain/queues.ts';
import { connect } from '../../src/engine/connect.ts';
import { runningEngine } from '../../src/engine/embedded.ts';
import { loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { createClassifier } from '../../src/failures/index.ts';
import { silentLogger } from '../../src/logger.ts';
import {
  handledRuns,
  MirrorKeeper,
  recordDelivery,
  recordHandling,
  recordNotifications,
} from '../../src/mirror/index.ts';
import { NotificationLog } from '../../src/notify/index.ts';
import { fingerprintOf } from '../../src/report/index.ts';
import { sendNotifications } from '../../src/tasks/send-notifications.ts';

/** Long enough that no recovered task runs, and fails again, while the benchmark does. */
const RECOVERED_AFTER_MS = 24 * 3_600_000;
const LOOK_EVERY_MS = 20;

/** Memory of a process, in MB. */
export interface Memory {
  readonly nowMb: number;
  /** Since it was asked last. */
  readonly peakMb: number;
}

/** A process that scans. */
export interface ScanningProcess {
  memory(): Promise<Memory>;
  stop(): Promise<void>;
}

/** Starts it for the engine that runs for a data directory. */
export async function startScanningProcess(dataDir: string): Promise<ScanningProcess> {
  const child = fork(fileURLToPath(import.meta.url), [dataDir], { execArgv: ['--expose-gc'] });
  const exited = once(child, 'exit');
  const answer = async (): Promise<unknown> => {
    const gone = exited.then(() => {
      throw new Error('the scanning process has ended');
    });
    const [message] = await Promise.race([once(child, 'message'), gone]);
    return message;
  };
  await answer();
  return {
    async memory() {
      const said = answer();
      child.send('memory');
      return (await said) as Memory;
    },
    async stop() {
      child.send('stop');
      await exited;
    },
  };
}

async function serve(dataDir: string): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const config = loadConfig({ dataDir });
  const engine = runningEngine(config);
  const { client, close } = await connect(config, engine);
  const mirror = new MirrorKeeper(config.database.path);
  const native = await NativeConnection.connect({ address: engine.address });
  const worker = await Worker.create({
    connection: native,
    namespace: engine.namespace,
    taskQueue: RECOVERY_QUEUE,
    workflowBundle: await loadWorkflowBundle(),
    maxCachedWorkflows: 50,
    activities: {
      ...createScanActivities({
        client,
        settings: {
          recoveryEnabled: true,
          notificationEnabled: true,
          ownRules: laterRules(),
          locale: config.locale,
          reportsDirectory: join(dataDir, 'reports'),
        },
        classifier: createClassifier(),
        fingerprint: (message) => fingerprintOf(message).fingerprint,
        mirror: {
          handledRuns: (runIds) => handledRuns(mirror.get(), runIds),
          recordHandling: (rows) => void mirror.use((open) => recordHandling(open, rows)),
        },
        notify: (notifications) =>
          sendNotifications(client, notifications, { queue: RECOVERY_QUEUE, ...config.notification }),
        log: silentLogger,
      }),
      ...createNotificationActivities({
        settings: config.notification,
        channels: new Map(),
        notificationLog: new NotificationLog(join(dataDir, 'logs'), config.locale),
        mirror: {
          recordNotifications: (rows) => mirror.use((open) => recordNotifications(open, rows)),
          recordDelivery: (row) => mirror.use((open) => recordDelivery(open, row)),
        },
        locale: config.locale,
        log: silentLogger,
      }),
    },
  });
  const running = worker.run();
  answerQuestions(() => worker.shutdown());
  process.send?.('ready');
  await running;
  mirror.close();
  await native.close();
  await close();
  process.disconnect();
}

function laterRules() {
  const rule = { delaysMs: [RECOVERED_AFTER_MS], maxAttempts: 3, audience: 'administrators' as const };
  const categories = ['recoverable_network', 'recoverable_system', 'recoverable_temporary', 'unknown'];
  return Object.fromEntries(categories.map((category) => [category, rule]));
}

function answerQuestions(stop: () => void): void {
  let peak = 0;
  const look = (): number => {
    const now = process.memoryUsage.rss() / 2 ** 20;
    peak = Math.max(peak, now);
    return now;
  };
  const looking = setInterval(look, LOOK_EVERY_MS);
  process.on('message', (question) => {
    if (question === 'stop') {
      clearInterval(looking);
      stop();
      return;
    }
    look();
    const peakMb = peak;
    // What is left of the last measurement shall not count in the next one.
    globalThis.gc?.();
    peak = 0;
    process.send?.({ nowMb: look(), peakMb } satisfies Memory);
  });
}

const [dataDir] = process.argv.slice(2);
if (import.meta.main && dataDir) await serve(dataDir);
