/** Composition root of a worker process: builds every dependency, runs, shuts down. */
import {
  GracefulShutdownPeriodExpiredError,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Config } from './config.ts';
import { type EngineConnection, nativeConnectionOptions } from './engine/connect.ts';
import { bundleFor, loadWorkflowBundle } from './engine/workflow-bundle.ts';
import { loadExtensions } from './extensions.ts';
import { createClassifier } from './failures/classify.ts';
import { loggedShutdown } from './lifecycle/logged-shutdown.ts';
import type { Shutdown } from './lifecycle/shutdown.ts';
import type { Logger } from './logger.ts';
import { closeSites } from './sites/closers.ts';
import type { CarriedAttempts } from './supervisor/carried-attempts.ts';
import { InFlightJournal, type WorkerRole } from './supervisor/in-flight-journal.ts';
import { journalDir } from './supervisor/journal-dir.ts';
import { type TakeOver, takeOver } from './supervisor/take-over.ts';
import { temporalLogger } from './temporal-logger.ts';
import { createSteps, HEARTBEAT_EVERY_MS, type WorkerSteps } from './worker-steps.ts';

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
  return await (await prepareWorker(config, engine, role, log, { runsAtOnce: true })).run();
}

/** What is known of a worker that is made ready. */
export interface PrepareOptions {
  /** It runs as soon as it is ready: what it can carry on goes on before that. @default false */
  readonly runsAtOnce?: boolean;
}

/** Makes a worker ready, so that it can begin within milliseconds. */
export async function prepareWorker(
  config: Config,
  engine: EngineConnection,
  role: WorkerRole,
  log: Logger,
  { runsAtOnce = false }: PrepareOptions = {},
): Promise<PreparedWorker> {
  installRuntime(log);
  const extensions = await loadExtensions(config);
  const classifier = createClassifier(extensions);
  const shutdown = loggedShutdown(extensions, log);
  const journal = new InFlightJournal(journalDir(config), role, false);
  const steps = createSteps(config, engine.client, journal, classifier, extensions, log);
  const begin = (): Promise<TakeOver> => {
    journal.begin();
    return takeOver(journalDir(config), engine.client, log, (one) => steps.carried.begin(one));
  };
  // What can be carried on needs no worker: it does not wait for the workflows to be loaded.
  const begun = runsAtOnce ? begin() : undefined;
  begun?.catch(() => undefined);
  const graceMs = config.worker.shutdownGraceMs;
  let connection: NativeConnection | undefined;
  const close = async (): Promise<void> => {
    await steps.carried.stop(graceMs);
    journal.close();
    await closeSites();
    await connection?.close();
  };
  let worker: Worker;
  try {
    const loading = loadWorkflowBundle(bundleFor(config));
    loading.catch(() => undefined);
    connection = await NativeConnection.connect(nativeConnectionOptions(engine));
    worker = await Worker.create({
      connection,
      workflowBundle: await loading,
      dataConverter: engine.dataConverter,
      ...workerOptions(config, steps),
    });
  } catch (error) {
    await close();
    throw error;
  }
  const run = async (): Promise<RunningWorker> => {
    const takenOver = begun ?? begin();
    const running = runningWorker(worker, steps.carried, graceMs, close, shutdown, log);
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
  carried: CarriedAttempts,
  graceMs: number,
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
      await Promise.all([carried.stop(graceMs), done]);
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

function workerOptions(config: Config, { activities, interceptors }: WorkerSteps): WorkerOptions {
  return {
    namespace: config.namespace,
    taskQueue: config.taskQueue,
    activities,
    interceptors: { activity: [...interceptors] },
    maxConcurrentActivityTaskExecutions: config.worker.maxConcurrentSteps,
    maxHeartbeatThrottleInterval: HEARTBEAT_EVERY_MS,
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT_MS,
    shutdownGraceTime: 0,
    shutdownForceTime: config.worker.shutdownGraceMs,
  };
}

/** Temporal's runtime is one a process; a second worker of the process shares it. */
let runtimeInstalled = false;
export function installRuntime(log: Logger): void {
  if (runtimeInstalled) return;
  runtimeInstalled = true;
  Runtime.install({ logger: temporalLogger(log), shutdownSignals: [] });
}
