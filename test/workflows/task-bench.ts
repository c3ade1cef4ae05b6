/** A server, a worker with our workflows, and fake steps that each test sets: one for all tests of a `describe`. */
import { Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, inject } from 'vitest';
import type { VideoDownloadSteps } from '../../src/activities/types.ts';
import {
  PAUSE_UPDATE,
  PROGRESS_SIGNAL,
  RESUME_UPDATE,
  STATE_QUERY,
  type TaskInput,
  type TaskState,
} from '../../src/domain/task-state.ts';
import type { VideoDownloadInput, VideoDownloadResult } from '../../src/domain/video-download.ts';
import { loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { startTask } from '../../src/tasks/start-task.ts';
import { quietRuntime } from '../support/quiet-runtime.ts';
import { timeSkippingServer } from '../support/time-skipping.ts';
import { fakeSteps, INPUT } from './fake-steps.ts';

type Input = TaskInput<VideoDownloadInput>;

const TASK_QUEUE = 'workflow-tests';
const PATIENCE_MS = 15_000;

/** Of `temporal.api.enums.v1.IndexedValueType`. */
const ATTRIBUTES = { TaskType: 2, TaskStatus: 2, FailureCategory: 2, RecoveryAttempts: 3, TaskUpdatedAt: 6 };

type StepName = keyof VideoDownloadSteps;

/** One download under test. */
export class DownloadUnderTest {
  readonly handle: WorkflowHandle;
  readonly #env: TestWorkflowEnvironment;
  readonly #begun: ReadonlySet<StepName>;

  constructor(env: TestWorkflowEnvironment, client: Client, taskId: string, begun: ReadonlySet<StepName>) {
    this.#env = env;
    this.#begun = begun;
    this.handle = client.workflow.getHandle(taskId);
  }

  /** Waits until the fake of this step has begun. */
  async inStep(name: StepName): Promise<TaskState> {
    return this.until(({ step }) => step === name && this.#begun.has(name));
  }

  /** Its result; time passes at once meanwhile. */
  result(): Promise<VideoDownloadResult> {
    return this.#env.client.workflow.getHandle(this.handle.workflowId).result();
  }

  /** What it failed with, or was cancelled by. */
  async failure(): Promise<ApplicationFailure | CancelledFailure> {
    const error = await this.result().then(
      () => new Error('the task did not fail'),
      (thrown: unknown) => thrown,
    );
    if (error instanceof WorkflowFailedError) return error.cause as ApplicationFailure;
    throw error;
  }

  state(): Promise<TaskState> {
    return this.handle.query<TaskState>(STATE_QUERY);
  }

  /** Waits until the state is as wanted. */
  async until(wanted: (state: TaskState) => boolean): Promise<TaskState> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const state = await this.state();
      if (wanted(state)) return state;
      if (performance.now() > deadline) throw new Error(`it is still ${JSON.stringify(state)}`);
    }
  }

  pause(): Promise<TaskState> {
    return this.handle.executeUpdate<TaskState, []>(PAUSE_UPDATE);
  }

  /** Asks for a pause, and returns as soon as the workflow has heard of it. */
  async askForPause(): Promise<{ result(): Promise<TaskState> }> {
    return this.handle.startUpdate<TaskState, []>(PAUSE_UPDATE, { waitForStage: 'ACCEPTED' });
  }

  resume(): Promise<TaskState> {
    return this.handle.executeUpdate<TaskState, []>(RESUME_UPDATE);
  }

  async progress(progress: unknown): Promise<void> {
    await this.handle.signal(PROGRESS_SIGNAL, progress);
  }

  async memo(): Promise<Record<string, unknown>> {
    return (await this.handle.describe()).memo ?? {};
  }

  async runStatus(): Promise<string> {
    return (await this.handle.describe()).status.name;
  }

  async events() {
    return (await this.handle.fetchHistory()).events ?? [];
  }
}

/** What the tests of a `describe` share. */
export interface TaskBench {
  /** Sets the fakes that differ, and starts a task. */
  start(steps?: Partial<VideoDownloadSteps>, input?: Partial<Input>): Promise<DownloadUnderTest>;
  /** Lets so much time pass, at once. */
  sleep(ms: number): Promise<void>;
}

/** Call it while tests are collected; use what it returns inside of tests. */
export function taskBench(options: { readonly maxCachedWorkflows?: number } = {}): TaskBench {
  let env: TestWorkflowEnvironment;
  let worker: Worker | undefined;
  let running: Promise<void> | undefined;
  let steps = fakeSteps();
  let begun = new Set<StepName>();
  let count = 0;

  beforeAll(async () => {
    quietRuntime();
    env = await timeSkippingServer(inject('cacheDir'));
    await env.connection.operatorService.addSearchAttributes({
      namespace: 'default',
      searchAttributes: ATTRIBUTES,
    });
    worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: await loadWorkflowBundle(),
      activities: activitiesOf((name) => {
        begun.add(name);
        return steps;
      }),
      maxHeartbeatThrottleInterval: 100,
      ...options,
    });
    running = worker.run();
  }, 300_000);

  afterAll(async () => {
    worker?.shutdown();
    await running;
    await env?.teardown();
  });

  return {
    async start(changes = {}, input = {}) {
      steps = fakeSteps(changes);
      begun = new Set();
      count += 1;
      const client = new Client({ connection: env.connection });
      const taskId = `download-${count}`;
      await startDownloadTask(client, taskId, { task: INPUT, ...input });
      return new DownloadUnderTest(env, client, taskId, begun);
    },
    sleep: (ms) => env.sleep(ms),
  };
}

/** Activities that do what the steps of the running test do. */
function activitiesOf(begin: (name: StepName) => VideoDownloadSteps): VideoDownloadSteps {
  const names = Object.keys(fakeSteps()) as StepName[];
  const entries = names.map((name) => [name, (input: never) => begin(name)[name](input)]);
  return Object.fromEntries(entries) as VideoDownloadSteps;
}

async function startDownloadTask(client: Client, taskId: string, input: Input): Promise<void> {
  await startTask(client, {
    taskId,
    taskType: 'video_download',
    workflowType: 'videoDownload',
    taskQueue: TASK_QUEUE,
    input,
    data: { url: input.task.url },
    summary: 'download',
  });
}
