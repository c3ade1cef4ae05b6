/**
 * Composition root of the caretaker: the workers for queues `recovery` and `monitoring`, which look after failed tasks,
 * tell people, analyse and watch. It runs in the process that owns the mirror.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import {
  backupsDir,
  createMaintenanceActivities,
  maintenanceSettings,
} from './activities/maintenance/index.ts';
import { createMonitoringActivities, type MonitoringMirror } from './activities/monitoring/index.ts';
import { mirrorPort } from './activities/monitoring/mirror-port.ts';
import { monitoringSettings } from './activities/monitoring/settings.ts';
import { createNotificationActivities } from './activities/notification/index.ts';
import { createScanActivities } from './activities/scan/index.ts';
import { createSessionActivities } from './activities/session/index.ts';
import type { Config } from './config.ts';
import type { Notification } from './domain/notification.ts';
import { MONITORING_QUEUE, RECOVERY_QUEUE } from './domain/queues.ts';
import { type EngineConnection, nativeConnectionOptions } from './engine/connect.ts';
import { EarlyScan } from './engine/early-scan.ts';
import { ensureSchedules, triggerSchedule } from './engine/schedules.ts';
import { FAILURE_SCAN, HEALTH_CHECK, systemSchedules, unwantedSchedules } from './engine/system-schedules.ts';
import { bundleFor, loadWorkflowBundle } from './engine/workflow-bundle.ts';
import { type Extensions, loadExtensions } from './extensions.ts';
import { createClassifier } from './failures/index.ts';
import type { Logger } from './logger.ts';
import {
  handledRuns,
  type MirrorKeeper,
  putMessage,
  recordDelivery,
  recordHandling,
  recordNotifications,
} from './mirror/index.ts';
import { backupAlert, checkAlerts, temporalStatus, updateAlerts } from './monitoring/index.ts';
import { createChannels, NotificationLog } from './notify/index.ts';
import { fingerprintOf } from './report/index.ts';
import { InFlightJournal, journalInterceptor } from './supervisor/in-flight-journal.ts';
import { journalDir } from './supervisor/journal-dir.ts';
import { takeOver } from './supervisor/take-over.ts';
import { sendNotifications } from './tasks/send-notifications.ts';
import { watchFailures } from './tasks/watch-failures.ts';
import { installRuntime } from './worker.ts';

/** A caretaker at work. */
export interface Caretaker {
  /** Lets what runs save its state, and ends. */
  stop(): Promise<void>;
  /** Settles when it has ended; rejects when one of its workers failed. */
  readonly done: Promise<unknown>;
}

/** Workflows here are short or asleep; each kept one costs some 100 KB. */
const CACHED_WORKFLOWS = 50;
const HEARTBEAT_EVERY_MS = 5000;
const AGAIN_AFTER_MS = 3000;

/** What its activities are made from. */
interface Parts {
  readonly config: Config;
  readonly client: Client;
  readonly mirror: MirrorKeeper;
  readonly monitoring: MonitoringMirror;
  readonly extensions: Extensions;
  /** Hands notifications to Temporal. @returns those that it did not take, with the error. */
  readonly handIn: (notifications: readonly Notification[]) => Promise<ReadonlyMap<string, unknown>>;
  /** The same; throws when it did not take all of them. */
  readonly notify: (notifications: readonly Notification[]) => Promise<void>;
  readonly log: Logger;
}

/**
 * Starts the caretaker: its workers, its schedules, and the early scan whenever tasks have failed.
 * @throws {RekindleError} INVALID_CONFIG when the extensions are wrong.
 */
export async function startCaretaker(
  config: Config,
  engine: EngineConnection,
  mirror: MirrorKeeper,
  log: Logger,
): Promise<Caretaker> {
  installRuntime(log);
  const { client } = engine;
  const extensions = await loadExtensions(config);
  const handIn = notifier(config, client);
  const notify = async (notifications: readonly Notification[]): Promise<void> => {
    if (!config.failure.notificationEnabled) return;
    for (const [, error] of await handIn(notifications)) throw error;
  };
  const parts = {
    config,
    client,
    mirror,
    monitoring: mirrorPort(mirror, backupsDir(config)),
    extensions,
    handIn,
    notify,
    log,
  };
  const workers = await startWorkers(config, engine, {
    [RECOVERY_QUEUE]: { ...scanActivities(parts), ...notificationActivities(parts) },
    [MONITORING_QUEUE]: {
      ...createMonitoringActivities({
        mirror: parts.monitoring,
        temporal: temporalStatus(client),
        settings: settingsOf(config),
        notify,
        log,
      }),
      ...createSessionActivities({ mirror }),
      ...createMaintenanceActivities({
        mirror,
        settings: maintenanceSettings(config),
        tellOfBackup: async (problem) => {
          await updateAlerts([backupAlert(problem)], { mirror: parts.monitoring, notify }, Date.now());
        },
        log,
      }),
    },
  });
  await takeOver(journalDir(config), client, log);
  const early = new EarlyScan(() => triggerSchedule(client, FAILURE_SCAN), log);
  const ending = new AbortController();
  const schedule = async (): Promise<void> => {
    await ensureSchedules(client, systemSchedules(config), unwantedSchedules(config));
    // What failed while nothing ran waits no half hour.
    early.failed();
    await triggerSchedule(client, HEALTH_CHECK, 'SKIP');
  };
  const scheduled = await onceThenAgain(schedule, ending.signal, log);
  const watching = watchFailures(client, { signal: ending.signal, log, onFailures: () => early.failed() });
  return {
    done: workers.done,
    async stop() {
      ending.abort();
      await Promise.all([watching, scheduled.done]);
      await early.stop();
      await workers.stop();
    },
  };
}

/**
 * Does something once, and when that fails again and again beside everything else: an engine that has just started under
 * load takes more than ten seconds until it answers for schedules, and nothing else here has to wait for them.
 */
async function onceThenAgain(
  work: () => Promise<void>,
  signal: AbortSignal,
  log: Logger,
): Promise<{ readonly done: Promise<void> }> {
  const attempt = async (): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'the schedules could not be set up; trying again');
      return false;
    }
  };
  const again = async (): Promise<void> => {
    do await delay(AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined);
    while (!signal.aborted && !(await attempt()));
  };
  return { done: (await attempt()) ? Promise.resolve() : again() };
}

function notifier({ notification }: Config, client: Client): Parts['handIn'] {
  const { quietMs, maxQuietMs } = notification;
  return (notifications) =>
    sendNotifications(client, notifications, { queue: RECOVERY_QUEUE, quietMs, maxQuietMs });
}

const settingsOf = (config: Config) =>
  monitoringSettings(
    config,
    systemSchedules(config).map(({ id }) => id),
  );

function scanActivities({ config, client, mirror, monitoring, extensions, handIn, notify, log }: Parts) {
  const { recoveryEnabled, notificationEnabled, maxRecoveryAttempts } = config.failure;
  const settings = settingsOf(config);
  return createScanActivities({
    client,
    settings: {
      recoveryEnabled,
      notificationEnabled,
      maxAttempts: maxRecoveryAttempts,
      ownRules: extensions.categories,
      strategies: extensions.strategies,
      canRecover: extensions.canRecover,
      locale: config.locale,
      reportsDirectory: join(config.dataDir, 'reports'),
    },
    classifier: createClassifier(extensions),
    fingerprint: (message) => fingerprintOf(message).fingerprint,
    mirror: {
      handledRuns: (runIds) => handledRuns(mirror.get(), runIds),
      recordHandling: (rows) => {
        mirror.use((open) => recordHandling(open, rows));
      },
    },
    notify: handIn,
    onFinished: async () => {
      await checkAlerts({ mirror: monitoring, notify }, settings, Date.now());
    },
    log,
  });
}

function notificationActivities({ config, mirror, extensions, log }: Parts) {
  const { notification, locale, dataDir } = config;
  return createNotificationActivities({
    settings: notification,
    channels: createChannels(
      notification,
      {
        putMessage: (message) => {
          mirror.use((open) => putMessage(open, message));
        },
        warn: (facts, message) => log.warn(facts, message),
      },
      extensions,
    ),
    notificationLog: new NotificationLog(join(dataDir, 'logs'), locale),
    mirror: {
      recordNotifications: (rows) => mirror.use((open) => recordNotifications(open, rows)),
      recordDelivery: (row) => mirror.use((open) => recordDelivery(open, row)),
    },
    locale,
    log,
  });
}

/** A worker for each queue, on one connection. */
async function startWorkers(
  config: Config,
  engine: EngineConnection,
  activitiesOf: Readonly<Record<string, object>>,
) {
  const [connection, workflowBundle] = await Promise.all([
    NativeConnection.connect(nativeConnectionOptions(engine)),
    loadWorkflowBundle(bundleFor(config)),
  ]);
  const journal = new InFlightJournal(journalDir(config), 'command');
  const close = async (): Promise<void> => {
    journal.close();
    await connection.close();
  };
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace: config.namespace,
    workflowBundle,
    dataConverter: engine.dataConverter,
    interceptors: { activity: [journalInterceptor(journal)] },
    maxCachedWorkflows: CACHED_WORKFLOWS,
    maxHeartbeatThrottleInterval: HEARTBEAT_EVERY_MS,
    shutdownGraceTime: 0,
    shutdownForceTime: config.worker.shutdownGraceMs,
  };
  const queues = Object.entries(activitiesOf);
  const made = await Promise.allSettled(
    queues.map(([taskQueue, activities]) => Worker.create({ ...common, taskQueue, activities })),
  );
  const workers = made.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const failure = made.find((one) => one.status === 'rejected');
  if (failure) {
    await close();
    throw failure.reason;
  }
  const done = Promise.all(workers.map((worker) => worker.run())).finally(close);
  done.catch(() => undefined);
  const stop = async (): Promise<void> => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await done;
  };
  return { done, stop };
}
