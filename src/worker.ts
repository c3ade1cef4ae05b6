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
import { loggedShutdown } from './lifecycle/logged-shutdown.ts';
import type { Shutdown } from './lifecycle/shutdown.ts';
import type { Logger } from './logger.ts';
import type { WorkerRole } from './supervisor/in-flight-journal.ts';
import type { TakeOver } from './supervisor/take-over.ts';
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
  const steps = await createSteps(config, engine, role, log);
  return await (await prepareWorker(config, engine, steps, log)).run();
}

/**
 * Makes a worker ready, so that it can begin within milliseconds.
 * @param begun what taking over gives, when the steps have begun before the worker
 */
export async function prepareWorker(
  config: Config,
  engine: EngineConnection,
  steps: WorkerSteps,
  log: Logger,
  begun?: Promise<TakeOver>,
): Promise<PreparedWorker> {
  installRuntime(log);
  const shutdown = loggedShutdown(steps.extensions, log);
  let connection: NativeConnection | undefined;
  const close = async (): Promise<void> => {
    await steps.stop();
    await steps.close();
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
    // What can be carried on goes on before anything else is done; the rest while this one begins to ask for work.
    const takenOver = begun ?? steps.begin();
    const running = runningWorker(worker, steps, close, shutdown, log);
    try {
      return { ...running, takenOver: await takenOver };
    } catch (error) {
      await running.stop();
      throw error;
    }
  };
  return { run, endHandlersMs: shutdown.budgetMs, discard: () => void steps.close() };
}

function runningWorker(
  worker: Worker,
  steps: WorkerSteps,
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
      await Promise.all([steps.stop(), done]);
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

let runtimeInstalled = false;

/** Temporal's runtime is one a process; a second worker of the process shares it. */
export function installRuntime(log: Logger): void {
  if (runtimeInstalled) return;
  runtimeInstalled = true;
  Runtime.install({ logger: temporalLogger(log), shutdownSignals: [] });
}
