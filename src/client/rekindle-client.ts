/**
 * What a client script uses:
 *
 * ```ts
 * import { RekindleClient } from 'rekindle';
 *
 * const rekindle = await RekindleClient.connect();
 * const task = await rekindle.download({ url: 'https://example.com/lesson-1.mp4', to: 'videos' });
 * console.log(await task.wait());
 * await rekindle.close();
 * ```
 */
import type { Client } from '@temporalio/client';
import { type Config, type ConfigOverrides, loadConfig } from '../config.ts';
import type { LoginAnswered, LoginResult } from '../domain/login.ts';
import type { ResourceLockView } from '../domain/resource-lock.ts';
import type { SealedSession, SessionName, SessionView } from '../domain/session.ts';
import { statisticsOf, type TaskStatistics } from '../domain/statistics.ts';
import type { TaskStatus } from '../domain/task.ts';
import { type TaskView, viewOf } from '../domain/task-record.ts';
import type { VideoDownloadResult } from '../domain/video-download.ts';
import { connect } from '../engine/connect.ts';
import { runningEngine } from '../engine/embedded.ts';
import { openVault } from '../secrets/vault.ts';
import { answerLogin } from '../sessions/answer-login.ts';
import { listSessions, revokeSession, showSession } from '../sessions/session-client.ts';
import type { OnUnreadable } from '../tasks/list-runs.ts';
import {
  type ManyRecoveries,
  type RecoverFilter,
  type RecoverManyRequest,
  recoverMany,
} from '../tasks/recover-many.ts';
import { ALL_TASKS, latestTaskRecords, quoted } from '../tasks/task-records.ts';
import { type DownloadRequest, downloadInput } from './download-input.ts';
import { loginNow } from './login-now.ts';
import { checkLogin, type LoginRequest } from './login-request.ts';
import type { RecoveryContext } from './recovery-context.ts';
import {
  type LockedWork,
  listResourceLocks,
  type ResourceLockOptions,
  withResourceLock,
} from './resource-locks.ts';
import { startDownload } from './start-download.ts';
import { TaskHandle } from './task-handle.ts';

/** Which tasks {@link RekindleClient.list} lists. */
export interface TaskFilter {
  readonly status?: TaskStatus;
  readonly type?: string;
  /** Only tasks that have not changed for this long, in ms. */
  readonly olderThanMs?: number;
  /** @default 100 */
  readonly limit?: number;
  /** Told of tasks that are left out since they cannot be read. @default a warning of the process */
  readonly onUnreadable?: OnUnreadable;
}

const warn: OnUnreadable = ({ taskId, error }) =>
  process.emitWarning(`the task ${taskId} is left out: ${(error as Error).message}`, 'RekindleWarning');

/** Starts, watches and steers tasks on a running rekindle. */
export class RekindleClient {
  readonly #client: Client;
  readonly #config: Config;
  readonly #close: () => Promise<void>;
  #context: Promise<RecoveryContext> | undefined;

  /** Use {@link RekindleClient.connect}; this is for programs that have a connection already. */
  constructor(client: Client, config: Config, close: () => Promise<void> = async () => undefined) {
    this.#client = client;
    this.#config = config;
    this.#close = close;
  }

  /**
   * Connects to the Temporal server of the environment (`TEMPORAL_ADDRESS`, profiles), else to the engine that runs for
   * the data directory.
   * @throws {RekindleError} INVALID_CONFIG, or ENGINE_UNAVAILABLE when nothing runs there.
   */
  static async connect(options: ConfigOverrides = {}): Promise<RekindleClient> {
    const config = loadConfig(options);
    const engine = await connect(config, await runningEngine(config));
    return new RekindleClient(engine.client, config, () => engine.close());
  }

  /** Starts a download, or continues the one of the same URL and target. */
  async download(
    request: DownloadRequest,
    options: { taskId?: string } = {},
  ): Promise<TaskHandle<VideoDownloadResult>> {
    const input = downloadInput(request);
    const { taskId } = await startDownload(this.#client, this.#config.taskQueue, input, options.taskId);
    return new TaskHandle<VideoDownloadResult>(this.#client, taskId, () => this.#recovery());
  }

  /** A task by its id; whether there is one shows with the first call. */
  task<R = unknown>(taskId: string): TaskHandle<R> {
    return new TaskHandle<R>(this.#client, taskId, () => this.#recovery());
  }

  /**
   * Starts all failed tasks again that the filter chooses, each from its last checkpoint and after its own delay. One
   * that cannot be recovered is among the problems and hinders no other. The limits, rules and strategies of the
   * configuration count, where the request says nothing else.
   * @throws {RekindleError} INVALID_INPUT when the filter chooses nothing; INVALID_CONFIG.
   */
  async recoverMany(filter: RecoverFilter, request: RecoverManyRequest = {}): Promise<ManyRecoveries> {
    const { policies, understanding } = await this.#recovery();
    return await recoverMany(this.#client, filter, { ...policies, ...request }, understanding);
  }

  /** What {@link RekindleClient.recoverMany} would do; starts nothing. @throws {RekindleError} the same. */
  async previewRecoveries(filter: RecoverFilter, request: RecoverManyRequest = {}): Promise<ManyRecoveries> {
    return await this.recoverMany(filter, { ...request, preview: true });
  }

  /** Tasks, the newest first. */
  async list(filter: TaskFilter = {}): Promise<TaskView[]> {
    const { status, type, olderThanMs, limit = 100, onUnreadable = warn } = filter;
    const query = [ALL_TASKS, ...(type ? [`TaskType = ${quoted(type)}`] : [])].join(' AND ');
    const views: TaskView[] = [];
    for await (const record of latestTaskRecords(this.#client, query, onUnreadable)) {
      if (views.length >= limit) break;
      const view = viewOf(record);
      const age = Date.now() - Date.parse(view.updated_at);
      if ((status === undefined || view.status === status) && age >= (olderThanMs ?? 0)) views.push(view);
    }
    return views;
  }

  /** Counts of all tasks. @param onUnreadable as for {@link list}. */
  async statistics(onUnreadable: OnUnreadable = warn): Promise<TaskStatistics> {
    const counted = [];
    for await (const { state } of latestTaskRecords(this.#client, ALL_TASKS, onUnreadable)) {
      counted.push({
        taskType: state.taskType,
        status: state.status,
        hasCheckpoint: state.checkpoint !== null,
      });
    }
    return statisticsOf(counted);
  }

  /** As the function {@link withResourceLock}, over this connection. */
  withResourceLock<T>(name: string, fn: LockedWork<T>, options: ResourceLockOptions = {}): Promise<T> {
    return withResourceLock(name, fn, { ...options, config: this.#config, client: this.#client });
  }

  /** Resource locks that somebody has or wants. */
  listResourceLocks(): Promise<ResourceLockView[]> {
    return listResourceLocks({ config: this.#config, client: this.#client });
  }

  /** Loaded when it is needed: it has the classifier with it. */
  #recovery(): Promise<RecoveryContext> {
    this.#context ??= import('./recovery-context.ts').then(({ recoveryContext }) =>
      recoveryContext(this.#config),
    );
    return this.#context;
  }

  /**
   * Logs in to a site, or joins the login that runs. Its session is kept for all who need it, and renewed by the same
   * references.
   * @throws {RekindleError} INVALID_INPUT; a secret in the request is refused before it goes anywhere.
   */
  async login(request: LoginRequest): Promise<TaskHandle<LoginResult>> {
    const { name, order } = checkLogin(request);
    const taskId = await loginNow(this.#client, this.#config.taskQueue, name, order);
    return new TaskHandle<LoginResult>(this.#client, taskId);
  }

  /** The sessions with sites, by name. */
  sessions(): Promise<SessionView[]> {
    return listSessions(this.#client);
  }

  /** How a session stands; never what it holds. @throws {RekindleError} TASK_NOT_FOUND */
  session(name: SessionName): Promise<SessionView> {
    return showSession(this.#client, name);
  }

  /** Declares a session void: the next task that needs it logs in. @throws {RekindleError} TASK_NOT_FOUND */
  revokeSession(name: SessionName): Promise<SessionView> {
    return revokeSession(this.#client, name);
  }

  /**
   * Gives a login that waits for a person the code that it asks for. The code travels sealed with the key of sessions.
   * @throws {RekindleError} TASK_STATE when no login waits for one; SECRET_UNREADABLE without the key.
   */
  async answerLogin(name: SessionName, code: string): Promise<LoginAnswered> {
    const vault = openVault({ ...this.#config.sessions, dataDir: this.#config.dataDir, create: false });
    let sealed: SealedSession;
    try {
      sealed = vault.sealForLogin(name, code);
    } catch (error) {
      // Before the first session there is no key either, and nothing to answer.
      await showSession(this.#client, name);
      throw error;
    }
    return await answerLogin(this.#client, name, sealed);
  }

  /** Ends the connection; the tasks go on. */
  async close(): Promise<void> {
    await this.#close();
  }
}
