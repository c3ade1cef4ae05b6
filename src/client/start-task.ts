import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import type { JsonObject } from '../domain/json.ts';
import type { TaskRecord } from '../domain/task-record.ts';
import type { TaskInput } from '../domain/task-state.ts';
import { recordOf } from './task-records.ts';

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
}

const taskType = defineSearchAttributeKey('TaskType', SearchAttributeType.KEYWORD);
const taskStatus = defineSearchAttributeKey('TaskStatus', SearchAttributeType.KEYWORD);
const taskUpdatedAt = defineSearchAttributeKey('TaskUpdatedAt', SearchAttributeType.DATETIME);

/** Starts a task, or joins the run that is under way. @returns the ID of that run. */
export async function startTask<T>(client: Client, task: NewTask<T>): Promise<string> {
  const now = new Date();
  const handle = await client.workflow.start(task.workflowType, {
    workflowId: task.taskId,
    taskQueue: task.taskQueue,
    args: [task.input],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    staticSummary: task.summary,
    memo: {
      taskType: task.taskType,
      status: 'pending',
      progress: 0,
      data: task.data,
      updatedAt: now.toISOString(),
    },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: taskType, value: task.taskType },
      { key: taskStatus, value: 'pending' },
      { key: taskUpdatedAt, value: now },
    ]),
  });
  return handle.firstExecutionRunId;
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
