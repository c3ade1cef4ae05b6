import { setTimeout as delay } from 'node:timers/promises';
import {
  type Client,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { checkpointProblems } from '../domain/checkpoint.ts';
import { RekindleError } from '../domain/error-codes.ts';
import type { FailureInfo } from '../domain/failure.ts';
import { canResume } from '../domain/statistics.ts';
import { isFinished } from '../domain/task.ts';
import { type TaskView, viewOf } from '../domain/task-record.ts';
import { KEEP_SIGNAL, PAUSE_UPDATE, RESUME_UPDATE, type TaskState } from '../domain/task-state.ts';
import { stepsOfType } from '../domain/task-steps.ts';
import { recordOf } from '../tasks/record-of.ts';
import { type RecoverRequest, recoverTask, type ScheduledRecovery } from '../tasks/recover-task.ts';
import { notFound } from '../tasks/recovery-refusals.ts';
import { checkpointOf } from '../tasks/where-to-go-on.ts';
import { type LiveProgress, liveProgress } from './live-progress.ts';
import type { RecoveryContext } from './recovery-context.ts';

/** How a task stands, with what its running step said last. */
export interface TaskSnapshot {
  readonly view: TaskView;
  readonly live: LiveProgress | undefined;
}

/** Where a task would go on from. */
export interface TaskCheckpoint {
  /** As it is: it may be damaged. null: there is none. */
  readonly checkpoint: unknown;
  /** What is wrong with it; empty for a sound one. */
  readonly problems: readonly string[];
  /** The steps of the task in their order; null: only its workflow knows them. */
  readonly steps: readonly string[] | null;
  readonly status: TaskState['status'];
  readonly runId: string;
  /** Whether the task can go on from it. */
  readonly canResume: boolean;
}

/** A task that was waited for has failed or was cancelled. */
export class TaskFailedError extends Error {
  override readonly name = 'TaskFailedError';
  readonly view: TaskView;
  readonly failure: FailureInfo | null;

  constructor(view: TaskView, cause?: unknown) {
    super(view.last_error?.message ?? `task ${view.task_id} ended as ${view.run_status}`, { cause });
    this.view = view;
    this.failure = view.last_error;
  }
}

/** Options of {@link TaskHandle.watch}. */
export interface WatchOptions {
  /** Time between two looks, in ms. @default 250 */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
}

const NEVER = new Promise<never>(() => undefined);

/** One task, as a client script works with it. */
export class TaskHandle<R = unknown> {
  readonly taskId: string;
  readonly #client: Client;
  readonly #recovery: (() => Promise<RecoveryContext>) | undefined;

  /** @param recovery what its recovery goes by. @default the documented rules */
  constructor(client: Client, taskId: string, recovery?: () => Promise<RecoveryContext>) {
    this.#client = client;
    this.taskId = taskId;
    this.#recovery = recovery;
  }

  /** How the task stands now. @throws {RekindleError} TASK_NOT_FOUND */
  async show(): Promise<TaskSnapshot> {
    const description = await this.#found((handle) => handle.describe());
    const view = viewOf(recordOf(description));
    return { view, live: await liveProgress(this.#client, description) };
  }

  /**
   * Waits for the end of the task.
   * @returns what the task returned.
   * @throws {TaskFailedError} when it failed or was cancelled. @throws {RekindleError} TASK_NOT_FOUND
   */
  async wait(): Promise<R> {
    try {
      return (await this.#found((handle) => handle.result())) as R;
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      throw new TaskFailedError((await this.show()).view, error);
    }
  }

  /** Looks at the task again and again until it has ended; the last look shows the end. */
  async *watch({ intervalMs = 250, signal }: WatchOptions = {}): AsyncGenerator<TaskSnapshot> {
    // The end cuts a pause short, once: the task may have been started again when we look.
    let ended: Promise<unknown> = this.wait()
      .catch(() => undefined)
      .then(() => {
        ended = NEVER;
      });
    for (;;) {
      const snapshot = await this.show();
      yield snapshot;
      if (isFinished(snapshot.view.status as TaskState['status'])) return;
      await pauseUntil(ended, intervalMs, signal);
    }
  }

  /**
   * Whether the task can go on from its checkpoint: it is not completed, and has one that is sound.
   * @throws {RekindleError} TASK_NOT_FOUND
   */
  async canResume(): Promise<boolean> {
    return (await this.checkpoint()).canResume;
  }

  /** Where the task would go on from, with everything that is wrong with it. @throws {RekindleError} TASK_NOT_FOUND */
  async checkpoint(): Promise<TaskCheckpoint> {
    const record = recordOf(await this.#found((handle) => handle.describe()));
    const { taskType, status } = record.state;
    const steps = stepsOfType(taskType) ?? null;
    const checkpoint = await checkpointOf(this.#client, record);
    const problems = checkpoint === null ? [] : checkpointProblems(checkpoint, steps ?? undefined);
    const hasCheckpoint = checkpoint !== null && problems.length === 0;
    const { runId } = record;
    return { checkpoint, problems, steps, status, runId, canResume: canResume({ status, hasCheckpoint }) };
  }

  /** Stops the running step, which keeps what it has. @returns the state once it has stopped. */
  async pause(): Promise<TaskState> {
    return this.#update(PAUSE_UPDATE);
  }

  /** Lets a paused task go on. */
  async resume(): Promise<TaskState> {
    return this.#update(RESUME_UPDATE);
  }

  /**
   * Starts the failed task again from its last checkpoint, after its category's delay. The limits, rules and strategies of
   * the configuration count, where the request says nothing else.
   * @throws {RekindleError} TASK_NOT_FOUND; TASK_STATE when it runs, is completed, or may not be recovered (any more);
   *   INVALID_INPUT when it has no such step.
   */
  async recover(request: RecoverRequest = {}): Promise<ScheduledRecovery> {
    const { policies, understanding } = (await this.#recovery?.()) ?? {};
    return await recoverTask(this.#client, this.taskId, { ...policies, ...request }, understanding);
  }

  /**
   * Ends the task for good and waits for that.
   * @param keep leave what was fetched, for a later start of the same task. @default false
   */
  async cancel({ keep = false }: { keep?: boolean } = {}): Promise<TaskView> {
    await this.#running('cancel', async (handle) => {
      if (keep) await handle.signal(KEEP_SIGNAL);
      await handle.cancel();
    });
    await this.wait().catch((error) => {
      if (!(error instanceof TaskFailedError)) throw error;
    });
    return (await this.show()).view;
  }

  async #update(name: string): Promise<TaskState> {
    return this.#running(name, (handle) => handle.executeUpdate<TaskState, []>(name));
  }

  /** Does something that only a task under way can do, or says why it cannot be done. */
  async #running<T>(
    what: string,
    work: (handle: ReturnType<TaskHandle['handle']>) => Promise<T>,
  ): Promise<T> {
    const { view } = await this.show();
    const refusal = new RekindleError(
      'TASK_STATE',
      `task ${this.taskId} is ${view.status}: it cannot ${what}`,
      {
        hint: 'Only a task that is under way can be paused, resumed or cancelled.',
      },
    );
    if (view.run_status !== 'RUNNING') throw refusal;
    try {
      return await work(this.handle());
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError) throw refusal;
      throw error;
    }
  }

  async #found<T>(work: (handle: ReturnType<TaskHandle['handle']>) => Promise<T>): Promise<T> {
    try {
      return await work(this.handle());
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw notFound(this.taskId, error);
    }
  }

  /** Temporal's own handle of the task's latest run. */
  handle() {
    return this.#client.workflow.getHandle(this.taskId);
  }
}

/** Waits for `ended`, at most for `ms`; leaves no timer behind that would hold the process up. */
async function pauseUntil(ended: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<void> {
  const over = new AbortController();
  const either = signal ? AbortSignal.any([over.signal, signal]) : over.signal;
  try {
    await Promise.race([ended, delay(ms, undefined, { signal: either })]);
  } finally {
    over.abort();
  }
}
