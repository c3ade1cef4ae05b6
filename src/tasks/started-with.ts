import type { Client } from '@temporalio/client';
import { RekindleError } from '../domain/error-codes.ts';
import { isPlainObject } from '../domain/json.ts';
import type { TaskRecord } from '../domain/task-record.ts';
import type { TaskInput } from '../domain/task-state.ts';
import { decodeFirst } from './payloads.ts';

/** What a run was started with. */
export interface StartedWith {
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: TaskInput<unknown>;
}

/**
 * What a run was started with; only its first event is read.
 * @throws {RekindleError} INVALID_INPUT when it was not started by rekindle.
 */
export async function startedWith(client: Client, { taskId, runId }: TaskRecord): Promise<StartedWith> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: taskId, runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const input = await decodeFirst(client, taskId, started?.input?.payloads);
  if (!isPlainObject(input) || !('task' in input)) {
    throw new RekindleError(
      'INVALID_INPUT',
      `task ${taskId} was not started by rekindle: its input has no task`,
      {
        hint: 'Start it again in the way it was started.',
      },
    );
  }
  return {
    workflowType: started?.workflowType?.name ?? '',
    taskQueue: started?.taskQueue?.name ?? '',
    input: input as unknown as TaskInput<unknown>,
  };
}
