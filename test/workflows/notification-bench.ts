/** Groups and deliveries of notifications on a server, with channels that each test sets. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { createNotificationActivities } from '../../src/activities/notification/index.ts';
import type { NotificationActivities } from '../../src/activities/recovery-types.ts';
import { loadConfig } from '../../src/config.ts';
import type { Notification } from '../../src/domain/notification.ts';
import { loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { silentLogger } from '../../src/logger.ts';
import type { DeliveryInput, NotificationInput } from '../../src/mirror/index.ts';
import type { NotificationChannel, NotificationMessage } from '../../src/notify/channel.ts';
import { NotificationLog } from '../../src/notify/log-files.ts';
import { sendNotifications } from '../../src/tasks/send-notifications.ts';

const PATIENCE_MS = 25_000;

/** A message that a channel took. */
export interface Taken {
  readonly channel: string;
  readonly message: NotificationMessage;
}

export interface BenchOptions {
  readonly client: Client;
  readonly queue: string;
  readonly quietMs?: number;
  readonly maxQuietMs?: number;
}

/**
 * One worker for all tests of a file. Workflows that a test leaves behind go on with the channels of that test; tasks that
 * no worker takes would keep a time-skipping server from skipping.
 */
export class NotificationWorker {
  readonly #connection: NativeConnection;
  readonly #namespace: string;
  readonly #activities = new Map<string, NotificationActivities>();
  readonly queue: string;
  #worker: Worker | undefined;
  #running: Promise<void> | undefined;

  constructor(connection: NativeConnection, namespace: string, queue = 'notifications') {
    this.queue = queue;
    this.#connection = connection;
    this.#namespace = namespace;
  }

  /** What is done for notifications of this task type. */
  use(taskType: string, activities: NotificationActivities): void {
    this.#activities.set(taskType, activities);
  }

  async start(): Promise<void> {
    const of = (one: Notification | undefined) =>
      this.#activities.get(one?.failure?.taskType ?? '') as NotificationActivities;
    const activities: NotificationActivities = {
      logNotifications: (all) => of(all[0]).logNotifications(all),
      channelsFor: (digest) => of(digest.example).channelsFor(digest),
      deliver: (input) => of(input.digest.example).deliver(input),
    };
    this.#worker = await Worker.create({
      connection: this.#connection,
      namespace: this.#namespace,
      taskQueue: this.queue,
      workflowBundle: await loadWorkflowBundle(),
      activities,
    });
    this.#running = this.#worker.run();
  }

  async stop(): Promise<void> {
    this.#worker?.shutdown();
    await this.#running;
  }
}

/** What is around the workflows; a new one for each test. */
export class NotificationBench {
  readonly taken: Taken[] = [];
  readonly rows: NotificationInput[] = [];
  readonly deliveries: DeliveryInput[] = [];
  /** What a channel throws. */
  refuse: (channel: string) => Error | undefined = () => undefined;
  /** Set: the mirror throws it. */
  mirrorError: Error | undefined;
  readonly log: NotificationLog;
  readonly logDirectory: string;
  readonly #options: BenchOptions;

  /** @param directory of the test's own. */
  constructor(directory: string, options: BenchOptions) {
    this.#options = options;
    this.logDirectory = join(directory, 'logs');
    this.log = new NotificationLog(this.logDirectory, 'zh-CN');
  }

  activities(): NotificationActivities {
    const names = ['in-app', 'pager'];
    const settings = loadConfig({}, {}).notification;
    return createNotificationActivities({
      settings: { ...settings, teams: { ...settings.teams, users: names } },
      channels: new Map(names.map((name) => [name, this.#channel(name)])),
      notificationLog: this.log,
      mirror: {
        recordNotifications: (rows) => this.#tell(() => this.rows.push(...rows)),
        recordDelivery: (row) => this.#tell(() => this.deliveries.push(row)),
      },
      locale: 'zh-CN',
      log: silentLogger,
    });
  }

  async send(notifications: readonly Notification[]): Promise<void> {
    const { client, queue, quietMs = 600_000, maxQuietMs = 6 * 3_600_000 } = this.#options;
    const failed = await sendNotifications(client, notifications, { queue, quietMs, maxQuietMs });
    for (const error of failed.values()) throw error;
  }

  /** Counts of the messages that a channel took, in order. */
  counts(channel = 'in-app'): number[] {
    return this.messages(channel).map(({ digest }) => digest.count);
  }

  messages(channel = 'in-app'): NotificationMessage[] {
    return this.taken.filter((one) => one.channel === channel).map(({ message }) => message);
  }

  /** IDs in the log file of the users, as often as they stand there. */
  logged(): string[] {
    const path = this.log.pathOf('user');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line).id);
  }

  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`never: ${what}; ${JSON.stringify(this.counts())}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #channel(name: string): NotificationChannel {
    return {
      name,
      deliver: async (message) => {
        const error = this.refuse(name);
        if (error) throw error;
        this.taken.push({ channel: name, message });
      },
    };
  }

  #tell(work: () => void): void {
    if (this.mirrorError) throw this.mirrorError;
    work();
  }
}
