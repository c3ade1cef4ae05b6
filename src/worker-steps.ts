/** What a worker does steps with: the activities, what stands around each of them, and those it carries on for the dead. */
import type { Client } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { createActivities } from './activities/index.ts';
import type { LoginDeps } from './activities/login/index.ts';
import { type Config, referencesOf } from './config.ts';
import { RECOVERY_QUEUE } from './domain/queues.ts';
import { PROGRESS_SIGNAL } from './domain/task-state.ts';
import type { Extensions } from './extensions.ts';
import { failureInterceptor } from './failures/activity-interceptor.ts';
import { AttemptLedger, carriedOn } from './failures/attempt-ledger.ts';
import type { Classifier } from './failures/classify.ts';
import { shortMessage } from './failures/short-message.ts';
import type { Logger } from './logger.ts';
import { fingerprintOf } from './report/index.ts';
import { createSecretResolver } from './secrets/resolver.ts';
import { openVault } from './secrets/vault.ts';
import { saveSession } from './sessions/session-client.ts';
import { type SessionPort, WorkflowSessions } from './sessions/session-port.ts';
import { findBrowser } from './sites/find-browser.ts';
import type { ActivityFunction } from './supervisor/carried-attempt.ts';
import { CarriedAttempts } from './supervisor/carried-attempts.ts';
import {
  type CarryRecords,
  type InFlightJournal,
  journalInterceptor,
} from './supervisor/in-flight-journal.ts';
import { sendNotifications } from './tasks/send-notifications.ts';
import { temporalLogger } from './temporal-logger.ts';

/** A pause or cancellation reaches a step with its next heartbeat; a pause must be there within 2 s. In ms. */
export const HEARTBEAT_EVERY_MS = 800;

/** The steps of a worker. */
export interface WorkerSteps {
  readonly activities: object;
  readonly interceptors: readonly ActivityInterceptorsFactory[];
  /** Attempts of dead workers that this one carries on. */
  readonly carried: CarriedAttempts;
}

/**
 * Steps that another worker may carry on in their own name: long ones whose every moment may come twice, since what is
 * done says itself how far it is. The others are short; they are done again.
 */
const CARRIED_ON: CarryRecords = {
  types: new Set(['transfer']),
  onBeat: (context, listener) => AttemptLedger.of(context).onBeat(listener),
};

/** Composes the steps of a worker. */
export function createSteps(
  config: Config,
  client: Client,
  journal: InFlightJournal,
  { classify }: Classifier,
  extensions: Extensions,
  log: Logger,
): WorkerSteps {
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
  const interceptors = [
    journalInterceptor(journal, records),
    failureInterceptor({ policy: config.retry, classify, shortMessage, fingerprint }),
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
  return { activities, interceptors, carried };
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

const fingerprint = (message: string): string => fingerprintOf(message).fingerprint;

function progressSender(client: Client) {
  return async (taskId: string, runId: string, progress: unknown): Promise<void> => {
    await client.workflow.getHandle(taskId, runId).signal(PROGRESS_SIGNAL, progress);
  };
}
