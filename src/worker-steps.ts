/** What a worker does steps with: the activities, what stands around each of them, and those it carries on for the dead. */
import type { Client } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { createActivities } from './activities/index.ts';
import type { LoginDeps } from './activities/login/index.ts';
import { type Config, referencesOf } from './config.ts';
import { RECOVERY_QUEUE } from './domain/queues.ts';
import { PROGRESS_SIGNAL } from './domain/task-state.ts';
import type { EngineConnection } from './engine/connect.ts';
import { type Extensions, loadExtensions } from './extensions.ts';
import { failureInterceptor } from './failures/activity-interceptor.ts';
import { AttemptLedger, carriedOn } from './failures/attempt-ledger.ts';
import type { FailureDeps } from './failures/to-failure.ts';
import type { Logger } from './logger.ts';
import { createSecretResolver } from './secrets/resolver.ts';
import { openVault } from './secrets/vault.ts';
import { saveSession } from './sessions/session-client.ts';
import { type SessionPort, WorkflowSessions } from './sessions/session-port.ts';
import { closeSites } from './sites/closers.ts';
import { findBrowser } from './sites/find-browser.ts';
import type { ActivityFunction } from './supervisor/carried-attempt.ts';
import { CarriedAttempts } from './supervisor/carried-attempts.ts';
import {
  type CarryRecords,
  InFlightJournal,
  journalInterceptor,
  type WorkerRole,
} from './supervisor/in-flight-journal.ts';
import { journalDir } from './supervisor/journal-dir.ts';
import { type TakeOver, takeOver } from './supervisor/take-over.ts';
import { sendNotifications } from './tasks/send-notifications.ts';
import { temporalLogger } from './temporal-logger.ts';

/** A pause or cancellation reaches a step with its next heartbeat; a pause must be there within 2 s. In ms. */
export const HEARTBEAT_EVERY_MS = 800;

/**
 * Steps that another worker may carry on in their own name: long ones whose every moment may come twice, since what is
 * done says itself how far it is. The others are short; they are done again.
 */
const CARRIED_ON: CarryRecords = {
  types: new Set(['transfer']),
  onBeat: (context, listener) => AttemptLedger.of(context).onBeat(listener),
};

/** The steps of a worker, and the records of those under way. */
export interface WorkerSteps {
  readonly activities: object;
  readonly interceptors: readonly ActivityInterceptorsFactory[];
  readonly extensions: Extensions;
  /**
   * From here on there is a worker. Takes over what dead workers of the data directory left behind: what can be carried
   * on goes on at once, in this process.
   */
  begin(): Promise<TakeOver>;
  /** Whether something is being carried on. */
  readonly carries: boolean;
  /** Lets what is carried on save its state and give itself back, for at most the time that the configuration gives. */
  stop(): Promise<void>;
  /** Ends the records. What did not end in time stays there for the next worker. */
  close(): Promise<void>;
}

/** Composes the steps of a worker. @throws {RekindleError} INVALID_CONFIG on extensions that cannot be used. */
export async function createSteps(
  config: Config,
  { client }: EngineConnection,
  role: WorkerRole,
  log: Logger,
): Promise<WorkerSteps> {
  const extensions = await loadExtensions(config);
  const journal = new InFlightJournal(journalDir(config), role, false);
  const activities = createActivities({
    http: config.download,
    connections: config.download.connections,
    download: config.download,
    network: config.network,
    sessions: sessionsOf(config, client),
    login: loginDeps(config, client, extensions),
    sendProgress: progressSender(client),
  });
  // What is encrypted for Temporal must not lie in a journal in plain text.
  const records = config.encryption ? undefined : CARRIED_ON;
  let failures: Promise<FailureDeps> | undefined;
  const interceptors = [
    journalInterceptor(journal, records),
    failureInterceptor(() => {
      failures ??= failureDeps(config, extensions);
      return failures;
    }),
  ];
  const carried = new CarriedAttempts({
    client,
    activities: activities as unknown as Record<string, ActivityFunction>,
    interceptors,
    carriedOn,
    heartbeatEveryMs: HEARTBEAT_EVERY_MS,
    log,
    temporalLog: temporalLogger(log),
  });
  return {
    activities,
    interceptors,
    extensions,
    begin() {
      journal.begin();
      return takeOver(journalDir(config), client, log, (activity) => carried.begin(activity));
    },
    get carries() {
      return carried.count > 0;
    },
    stop: () => carried.stop(config.worker.shutdownGraceMs),
    async close() {
      journal.close();
      await closeSites();
    },
  };
}

/** Loaded with the first failure: it takes a third of the time that everything else of a worker takes. */
async function failureDeps(config: Config, extensions: Extensions): Promise<FailureDeps> {
  const [{ createClassifier }, { shortMessage }, { fingerprintOf }] = await Promise.all([
    import('./failures/classify.ts'),
    import('./failures/short-message.ts'),
    import('./report/fingerprint.ts'),
  ]);
  const { classify } = createClassifier(extensions);
  const fingerprint = (message: string): string => fingerprintOf(message).fingerprint;
  return { policy: config.retry, classify, shortMessage, fingerprint };
}

function loginDeps(config: Config, client: Client, { secrets }: Extensions): LoginDeps {
  const { sitesDir, browser, network, locale, notification, taskQueue } = config;
  const { quietMs, maxQuietMs } = notification;
  return {
    sitesDir,
    browser: browser.executable ?? findBrowser(browser.path) ?? null,
    network,
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

function progressSender(client: Client) {
  return async (taskId: string, runId: string, progress: unknown): Promise<void> => {
    await client.workflow.getHandle(taskId, runId).signal(PROGRESS_SIGNAL, progress);
  };
}
