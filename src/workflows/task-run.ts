/**
 * The life of a task's run: steps one after the other, pause and resume between and inside them, progress and
 * checkpoint to the memo, one clear failure at the end. Task types write only what their steps are.
 */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setCurrentDetails,
  setHandler,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { type Checkpoint, makeCheckpoint, parseCheckpoint } from '../domain/checkpoint.ts';
import { isPlainObject, type JsonObject } from '../domain/json.ts';
import { progressOf, type StepSpec } from '../domain/progress.ts';
import type { StepOutcome } from '../domain/step.ts';
import { isFinished, type TaskStatus, transition } from '../domain/task.ts';
import {
  KEEP_SIGNAL,
  NO_RETRIED_STEPS,
  PAUSE_UPDATE,
  PROGRESS_SIGNAL,
  RESUME_UPDATE,
  STATE_QUERY,
  type StepProgress,
  settled,
  type TaskInput,
  type TaskState,
} from '../domain/task-state.ts';
import { cancelledInfo, failureInfoOf, finalFailure, invalidCheckpoint, isStopped } from './step-failure.ts';
import { TaskMemo } from './task-memo.ts';

export type { StepSpec } from '../domain/progress.ts';

const pauseUpdate = defineUpdate<TaskState>(PAUSE_UPDATE);
const resumeUpdate = defineUpdate<TaskState>(RESUME_UPDATE);
const stateQuery = defineQuery<TaskState>(STATE_QUERY);
const progressSignal = defineSignal<[unknown]>(PROGRESS_SIGNAL);
const keepSignal = defineSignal(KEEP_SIGNAL);

/** What a task type gives to {@link runTask}. */
export interface TaskSpec<T, R, Name extends string> {
  readonly taskType: string;
  readonly steps: readonly (StepSpec & { readonly name: Name })[];
  readonly input: TaskInput<T>;
  /** Does the task, step by step. */
  readonly work: (run: TaskRun<Name>) => Promise<R>;
  /** Removes what a cancelled task leaves behind, unless it shall be kept. */
  readonly discard?: () => Promise<void>;
}

/** Runs a task from its start or checkpoint to its end. */
export async function runTask<T, R, Name extends string>(spec: TaskSpec<T, R, Name>): Promise<R> {
  const run = new TaskRun<Name>(spec);
  try {
    run.goOnFrom(spec.input.checkpoint);
    run.become('running');
    const result = await spec.work(run);
    run.become('completed');
    await handlersFinished();
    return result;
  } catch (error) {
    // Anything else is a mistake in workflow code: Temporal keeps the run waiting until it is corrected.
    if (!(error instanceof TemporalFailure)) throw error;
    if (isStopped(error)) await run.cancelled(spec.discard);
    else run.failed(error);
    await handlersFinished();
    throw finalFailure(error, run.state);
  }
}

/** Whoever waits for a pause or a resumption gets an answer before the run closes. */
async function handlersFinished(): Promise<void> {
  await evenIfCancelled(allHandlersFinished);
}

/** Waits for something that comes whether the task is cancelled meanwhile or not. */
async function evenIfCancelled(wanted: () => boolean): Promise<void> {
  await CancellationScope.nonCancellable(() => condition(wanted));
}

/** One run of a task, as its workflow sees it. */
export class TaskRun<Name extends string> {
  readonly #spec: TaskSpec<unknown, unknown, Name>;
  readonly #memo = new TaskMemo();
  readonly #beganMs = Date.now();
  /** Whether the run started from a checkpoint that it has not got past yet. */
  #resuming = false;
  #state: TaskState;
  #pauseWanted = false;
  #keep = false;
  /** The step being done, with the way to stop it alone when the task is paused. */
  #current: { readonly scope: CancellationScope; stoppedByPause: boolean } | undefined;

  constructor(spec: TaskSpec<unknown, unknown, Name>) {
    this.#spec = spec;
    this.#state = firstState(spec);
    this.#answer();
  }

  get state(): TaskState {
    return this.#state;
  }

  /** Takes over where an earlier run was left. @throws {ApplicationFailure} when the checkpoint cannot be that. */
  goOnFrom(checkpoint: Checkpoint | undefined): void {
    if (checkpoint === undefined) return;
    const { step, data, timestamp } = readCheckpoint(checkpoint);
    const index = this.#indexOf(step);
    if (index < 0) throw unfit(`the checkpoint is of the step ${step}, which this task has not`);
    this.#state = { ...this.#state, checkpoint: { step, step_index: index, data, timestamp } };
    this.#resuming = true;
  }

  /** Retries inside the steps so far. */
  get retries(): number {
    return this.#state.retryCount;
  }

  /** Data of the checkpoint when it belongs to `step`. */
  checkpointOf(step: Name): JsonObject | undefined {
    const { checkpoint } = this.#state;
    return checkpoint?.step === step ? checkpoint.data : undefined;
  }

  /** Changes the status. @throws {IllegalTransitionError} when the change is not allowed. */
  become(status: TaskStatus): void {
    const progress = status === 'completed' ? 100 : this.#state.progress;
    this.#update({ status: transition(this.#state.status, status), progress }, true);
  }

  /**
   * Does one step. A pause stops it, and resuming does it again from its checkpoint; what it returned is durable.
   * @param remember what the checkpoint of the finished step holds. @default nothing: the checkpoint stays
   * @throws the step's final failure, or the cancellation of the task.
   */
  async step<T>(
    name: Name,
    work: () => Promise<StepOutcome<T>>,
    remember?: (value: T) => JsonObject,
  ): Promise<T> {
    const index = this.#indexOf(name);
    this.#update({ step: name, progress: progressOf(this.#spec.steps, index, 0) });
    const { value, retries } = await this.#untilDone(work);
    this.#update({
      ...(remember ? this.#checkpoint(name, remember(value)) : {}),
      progress: progressOf(this.#spec.steps, index, 1),
      ...this.#retried(retries, true),
    });
    return value;
  }

  #retried(retries: number, good: boolean): Pick<TaskState, 'retryCount' | 'retriedSteps'> {
    const { retryCount, retriedSteps: before } = this.#state;
    if (retries <= 0) return { retryCount, retriedSteps: before };
    const retriedSteps = {
      total: before.total + 1,
      good: before.good + (good ? 1 : 0),
      tries: before.tries + (good ? retries + 1 : 0),
    };
    return { retryCount: retryCount + retries, retriedSteps };
  }

  #indexOf(step: string): number {
    return this.#spec.steps.findIndex((known) => known.name === step);
  }

  /** A recovered run does its first steps again; that must not move the checkpoint back. */
  #checkpoint(step: string, data: JsonObject): Partial<TaskState> {
    const index = this.#indexOf(step);
    if (index < (this.#state.checkpoint?.step_index ?? 0)) return {};
    return { checkpoint: makeCheckpoint(step, index, data, Date.now()) };
  }

  async #untilDone<T>(work: () => Promise<StepOutcome<T>>): Promise<StepOutcome<T>> {
    for (;;) {
      await this.#whilePaused();
      const current = { scope: new CancellationScope(), stoppedByPause: false };
      this.#current = current;
      try {
        return await current.scope.run(work);
      } catch (error) {
        if (!(isStopped(error) && current.stoppedByPause)) throw error;
      } finally {
        this.#current = undefined;
      }
    }
  }

  async #whilePaused(): Promise<void> {
    if (!this.#pauseWanted) return;
    this.become('paused');
    await condition(() => !this.#pauseWanted);
    this.become('running');
  }

  /** Books the failure that ends this run. */
  failed(error: unknown): void {
    const lastError = failureInfoOf(error, this.#state.step);
    const spent = Object.values(lastError.attempts).reduce((sum, n) => sum + (n ?? 0), 0);
    this.#update({ status: 'failed', lastError, ...this.#retried(spent - 1, false) }, true);
  }

  /** Tidies up after a cancellation. The documented statuses have no other word for it than `failed`. */
  async cancelled(discard: (() => Promise<void>) | undefined): Promise<void> {
    if (discard && !this.#keep) await CancellationScope.nonCancellable(() => this.#discard(discard));
    this.#update({ status: 'failed', lastError: cancelledInfo(this.#state.step) }, true);
  }

  async #discard(discard: () => Promise<void>): Promise<void> {
    try {
      await discard();
    } catch (error) {
      log.warn('a cancelled task left something behind', { error });
    }
  }

  #answer(): void {
    setHandler(stateQuery, () => this.#state);
    setHandler(keepSignal, () => {
      this.#keep = true;
    });
    setHandler(progressSignal, (progress) => this.#onProgress(progress));
    setHandler(pauseUpdate, async () => {
      this.#pauseWanted = true;
      if (this.#current) {
        this.#current.stoppedByPause = true;
        this.#current.scope.cancel();
      }
      await evenIfCancelled(() => this.#state.status === 'paused' || this.#finished || !this.#pauseWanted);
      return this.#state;
    });
    setHandler(resumeUpdate, async () => {
      this.#pauseWanted = false;
      await evenIfCancelled(() => this.#state.status !== 'paused' || this.#pauseWanted);
      return this.#state;
    });
  }

  get #finished(): boolean {
    return isFinished(this.#state.status);
  }

  /** Anyone may send this signal, and an error in its handler would stop the run until somebody deleted it. */
  #onProgress(progress: unknown): void {
    if (!isStepProgress(progress)) {
      log.warn('a progress signal that cannot be understood was ignored', { progress });
      return;
    }
    const { step, fraction, data } = progress;
    if (step !== this.#state.step || this.#finished) return; // A late word of a step that is already done.
    this.#update({
      ...this.#checkpoint(step, data),
      progress: progressOf(this.#spec.steps, this.#indexOf(step), fraction),
    });
  }

  #update(change: Partial<TaskState>, now = false): void {
    const { status } = change;
    const ended = status === 'completed' || status === 'failed';
    const notes = ended ? { recoveryNotes: settled(this.#state.recoveryNotes, status) } : {};
    const resumed = this.#resuming && change.checkpoint ? { resumedAfterMs: Date.now() - this.#beganMs } : {};
    if (change.checkpoint) this.#resuming = false;
    const updatedAt = new Date(Date.now()).toISOString();
    this.#state = { ...this.#state, ...notes, ...resumed, ...change, updatedAt };
    if (now) this.#memo.write(this.#state);
    else this.#memo.offer(this.#state);
    setCurrentDetails(`${this.#state.status} – ${this.#state.step ?? 'start'} – ${this.#state.progress} %`);
  }
}

function firstState(spec: TaskSpec<unknown, unknown, string>): TaskState {
  const { input, taskType } = spec;
  return {
    taskType,
    status: 'pending',
    progress: 0,
    step: null,
    checkpoint: null,
    retryCount: 0,
    lastError: null,
    data: (workflowInfo().memo?.data ?? {}) as JsonObject,
    recoveryAttempts: input.recoveryAttempts ?? 0,
    recoveryNotes: input.recoveryNotes ?? [],
    retriedSteps: NO_RETRIED_STEPS,
    resumedAfterMs: null,
    updatedAt: new Date(Date.now()).toISOString(),
  };
}

function readCheckpoint(checkpoint: unknown): Checkpoint {
  try {
    return parseCheckpoint(checkpoint);
  } catch (error) {
    throw unfit((error as Error).message);
  }
}

function unfit(message: string) {
  return invalidCheckpoint(message, workflowInfo().workflowId);
}

function isStepProgress(value: unknown): value is StepProgress {
  return (
    isPlainObject(value) &&
    typeof value.step === 'string' &&
    typeof value.fraction === 'number' &&
    isPlainObject(value.data)
  );
}
