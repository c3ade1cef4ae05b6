import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import type { JsonObject } from '../domain/json.ts';
import type { TaskStatus } from '../domain/task.ts';
import type { TaskRecord } from '../domain/task-record.ts';
import type { TaskInput } from '../domain/task-state.ts';
import { recordOf } from './record-of.ts';

/** A task to be started. */
export interface NewTask<T> {
  readonly taskId: string;
  readonly taskType: string;
  /** Name of the workflow that does it. */
  readonly workflowType: string;
  readonly input: TaskInput<T>;
  /** The input as people may see it, without secrets. */
  readonly data: JsonObject;
  /** One line for the Temporal Web UI. */
  readonly summary: string;
  readonly taskQueue: string;
  /** Set when a failed task is started again by a recovery. */
  readonly recovery?: {
    /** Before the new run begins, in ms. */
    readonly delayMs: number;
  };
}

const taskType = defineSearchAttributeKey('TaskType', SearchAttributeType.KEYWORD);
const taskStatus = defineSearchAttributeKey('TaskStatus', SearchAttributeType.KEYWORD);
const taskUpdatedAt = defineSearchAttributeKey('TaskUpdatedAt', SearchAttributeType.DATETIME);

/**
 * Starts a task, or joins the run that is under way.
 * A recovery is refused by the server when the task is running or completed: two of them cannot meet.
 * @returns the ID of that run.
 * @throws {WorkflowExecutionAlreadyStartedError} only for a recovery.
 */
export async function startTask<T>(client: Client, task: NewTask<T>): Promise<string> {
  const now = new Date();
  const status: TaskStatus = task.recovery ? 'recovering' : 'pending';
  const { recoveryAttempts = 0, recoveryNotes = [], checkpoint = null } = task.input;
  const handle = await client.workflow.start(task.workflowType, {
    workflowId: task.taskId,
    taskQueue: task.taskQueue,
    args: [task.input],
    ...policiesOf(task),
    staticSummary: task.summary,
    memo: {
      taskType: task.taskType,
      status,
      progress: 0,
      data: task.data,
      updatedAt: now.toISOString(),
      ...(task.recovery ? { recoveryAttempts, recoveryNotes, checkpoint } : {}),
    },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: taskType, value: task.taskType },
      { key: taskStatus, value: status },
      { key: taskUpdatedAt, value: now },
    ]),
  });
  return handle.firstExecutionRunId;
}

function policiesOf({ recovery }: Pick<NewTask<unknown>, 'recovery'>) {
  if (!recovery) {
    return {
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    };
  }
  return {
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    // Zero would be refused as no delay at all.
    ...(recovery.delayMs > 0 ? { startDelay: recovery.delayMs } : {}),
  };
}

/** The latest run of a task, or undefined when there never was one. */
export async function latestRun(client: Client, taskId: string): Promise<TaskRecord | undefined> {
  try {
    return recordOf(await client.workflow.getHandle(taskId).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
