/** Composition root of a worker process: builds every dependency, runs, shuts down. */
import type { Client } from '@temporalio/client';
import {
  GracefulShutdownPeriodExpiredError,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { createActivities } from './activities/index.ts';
import type { LoginDeps } from './activities/login/index.ts';
import { type Config, referencesOf } from './config.ts';
import { RECOVERY_QUEUE } from './domain/queues.ts';
import { PROGRESS_SIGNAL } from './domain/task-state.ts';
import { type EngineConnection, nativeConnectionOptions } from './engine/connect.ts';
import { bundleFor, loadWorkflowBundle } from './engine/workflow-bundle.ts';
import { type Extensions, loadExtensions } from './extensions.ts';
import { failureInterceptor } from './failures/activity-interceptor.ts';
import { type Classifier, createClassifier } from './failures/classify.ts';
import { shortMessage } from './failures/short-message.ts';
import { loggedShutdown } from './lifecycle/logged-shutdown.ts';
import type { Shutdown } from './lifecycle/shutdown.ts';
import type { Logger } from './logger.ts';
import { fingerprintOf } from './report/index.ts';
import { createSecretResolver } from './secrets/resolver.ts';
import { openVault } from './secrets/vault.ts';
import { saveSession } from './sessions/session-client.ts';
import { type SessionPort, WorkflowSessions } from './sessions/session-port.ts';
import { closeSites } from './sites/closers.ts';
import { findBrowser } from './sites/find-browser.ts';
import { InFlightJournal, journalInterceptor, type WorkerRole } from './supervisor/in-flight-journal.ts';
import { journalDir } from './supervisor/journal-dir.ts';
import { type TakeOver, takeOver } from './supervisor/take-over.ts';
import { sendNotifications } from './tasks/send-notifications.ts';
import { temporalLogger } from './temporal-logger.ts';

/** A worker that is polling. */
export interface RunningWorker {
  /** What it took over from workers that died. */
  readonly takenOver: TakeOver;
  /**
   * Stops taking work, lets running steps save their state and give themselves back, and waits for that; then runs the
   * handlers for the end that extensions registered. Called again it waits for the same end.
   */
  stop(): Promise<void>;
  /** Settles when the worker has stopped; rejects when it failed. */
  readonly done: Promise<void>;
}

/** How long a workflow's next task waits for the worker that knows it before any other may take it. */
const STICKY_TIMEOUT_MS = 5000;
/** A pause or cancellation reaches a step with its next heartbeat; a pause must be there within 2 s. */
const HEARTBEAT_EVERY_MS = 800;

/** A worker that is connected and has its workflows loaded, but takes no work yet: a spare, until it is let run. */
export interface PreparedWorker {
  /** Begins to take work, and takes over what dead workers of this data directory left behind. */
  run(): Promise<RunningWorker>;
  /** How long the handlers for its end may take together, in ms. */
  readonly endHandlersMs: number;
  /** Gives up a worker that has not run. The SDK frees it only with its process. */
  discard(): void;
}

/** Starts a worker on the engine, and takes over what dead workers of this data directory left behind. */
export async function startWorker(
  config: Config,
  engine: EngineConnection,
  role: WorkerRole,
  log: Logger,
): Promise<RunningWorker> {
  return await (await prepareWorker(config, engine, role, log)).run();
}

/** Makes a worker ready, so that it can begin within milliseconds. */
export async function prepareWorker(
  config: Config,
  engine: EngineConnection,
  role: WorkerRole,
  log: Logger,
): Promise<PreparedWorker> {
  installRuntime(log);
  const extensions = await loadExtensions(config);
  const classifier = createClassifier(extensions);
  const shutdown = loggedShutdown(extensions, log);
  const [connection, workflowBundle] = await Promise.all([
    NativeConnection.connect(nativeConnectionOptions(engine)),
    loadWorkflowBundle(bundleFor(config)),
  ]);
  const journal = new InFlightJournal(journalDir(config), role, false);
  const close = async (): Promise<void> => {
    journal.close();
    await closeSites();
    await connection.close();
  };
  const options = {
    connection,
    workflowBundle,
    dataConverter: engine.dataConverter,
    ...workerOptions(config, engine.client, journal, classifier, extensions),
  };
  const worker = await Worker.create(options).catch(async (error) => {
    await close();
    throw error;
  });
  const run = async (): Promise<RunningWorker> => {
    journal.begin();
    const running = runningWorker(worker, close, shutdown, log);
    // What it left is taken over while this one begins to ask for work: neither waits for the other.
    const takenOver = takeOver(journalDir(config), engine.client, log);
    try {
      return { ...running, takenOver: await takenOver };
    } catch (error) {
      await running.stop();
      throw error;
    }
  };
  return { run, endHandlersMs: shutdown.budgetMs, discard: () => journal.close() };
}

function runningWorker(
  worker: Worker,
  close: () => Promise<void>,
  shutdown: Shutdown,
  log: Logger,
): Pick<RunningWorker, 'done' | 'stop'> {
  const done = worker.run().finally(close);
  // Whoever starts a worker may not watch it at once; a failure is told to all who do.
  done.catch(() => undefined);
  const stop = async (): Promise<void> => {
    try {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await done;
    } catch (error) {
      if (!(error instanceof GracefulShutdownPeriodExpiredError)) throw error;
      // Its journal stays: the next worker takes over what did not end.
      log.error('steps did not save their state in time; the next worker goes on from their last progress');
    } finally {
      await shutdown.run();
    }
  };
  return { done, stop };
}

function workerOptions(
  config: Config,
  client: Client,
  journal: InFlightJournal,
  { classify }: Classifier,
  extensions: Extensions,
): WorkerOptions {
  return {
    namespace: config.namespace,
    taskQueue: config.taskQueue,
    activities: createActivities({
      http: config.download,
      connections: config.download.connections,
      download: config.download,
      network: config.network,
      sessions: sessionsOf(config, client),
      login: loginDeps(config, client, extensions),
      sendProgress: progressSender(client),
    }),
    interceptors: {
      activity: [
        journalInterceptor(journal),
        failureInterceptor({ policy: config.retry, classify, shortMessage, fingerprint }),
      ],
    },
    maxConcurrentActivityTaskExecutions: config.worker.maxConcurrentSteps,
    maxHeartbeatThrottleInterval: HEARTBEAT_EVERY_MS,
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT_MS,
    shutdownGraceTime: 0,
    shutdownForceTime: config.worker.shutdownGraceMs,
  };
}

function loginDeps(config: Config, client: Client, { secrets }: Extensions): LoginDeps {
  const { sitesDir, browser, locale, notification, taskQueue } = config;
  const { quietMs, maxQuietMs } = notification;
  return {
    sitesDir,
    browser: browser.executable ?? findBrowser(browser.path) ?? null,
    locale,
    vault: openVault({ ...config.sessions, dataDir: config.dataDir, create: true }),
    resolve: createSecretResolver({ read: referencesOf(config), providers: secrets }),
    save: (name, saved) => saveSession(client, taskQueue, name, saved),
    notify: async (told) => {
      const failed = await sendNotifications(client, [told], { queue: RECOVERY_QUEUE, quietMs, maxQuietMs });
      for (const error of failed.values()) throw error;
    },
  };
}

function sessionsOf(config: Config, client: Client): SessionPort {
  const vault = openVault({ ...config.sessions, dataDir: config.dataDir, create: true });
  return new WorkflowSessions({
    client,
    taskQueue: config.taskQueue,
    unseal: (name, sealed) => vault.unsealSession(name, sealed),
    personWaitMs: config.download.loginWaitMs,
  });
}

const fingerprint = (message: string): string => fingerprintOf(message).fingerprint;

function progressSender(client: Client) {
  return async (taskId: string, runId: string, progress: unknown): Promise<void> => {
    await client.workflow.getHandle(taskId, runId).signal(PROGRESS_SIGNAL, progress);
  };
}

/** Temporal's runtime is one a process; a second worker of the process shares it. */
let runtimeInstalled = false;
export function installRuntime(log: Logger): void {
  if (runtimeInstalled) return;
  runtimeInstalled = true;
  Runtime.install({ logger: temporalLogger(log), shutdownSignals: [] });
}
