/** Tasks that fail as a test wants them to, without the seconds that a real one's retries take. */
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { FailureCategory } from '../../../src/domain/category.ts';
import type { Checkpoint } from '../../../src/domain/checkpoint.ts';
import type { FailureInfo } from '../../../src/domain/failure.ts';
import { startTask } from '../../../src/tasks/start-task.ts';
import type { Ending, FailingInput } from './workflows.ts';

export type { Ending, FailingInput } from './workflows.ts';

/** Queue of the worker that runs them. */
export const FAILING_QUEUE = 'failing-tasks';

/** The code of their workflows. */
export function failingBundle() {
  const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error };
  return bundleWorkflowCode({ workflowsPath: join(import.meta.dirname, 'workflows.ts'), logger: silent });
}

/** What is the same in all failures that a test does not care about. */
export function failureInfo(category: FailureCategory, changes: Partial<FailureInfo> = {}): FailureInfo {
  return {
    category,
    retryType: null,
    rule: 'test',
    confidence: 1,
    explanation: 'The test says so.',
    message: `it failed with ${category}`,
    errorType: 'Error',
    hint: null,
    step: 'second',
    attempts: {},
    ...changes,
  };
}

export const says = (category: FailureCategory, changes: Partial<FailureInfo> = {}): Ending => ({
  kind: 'says',
  info: failureInfo(category, changes),
});

/** More about such a task. */
export interface FailingOptions {
  readonly afterwards?: Ending;
  readonly taskType?: string;
  readonly recoveryAttempts?: number;
  readonly checkpoint?: Checkpoint;
}

/** Starts a task that will end so. */
export async function startFailing(
  client: Client,
  taskId: string,
  ending: Ending,
  { afterwards, taskType = 'failing', recoveryAttempts, checkpoint }: FailingOptions = {},
): Promise<string> {
  const task: FailingInput = { ending, ...(afterwards ? { afterwards } : {}) };
  return await startTask(client, {
    taskId,
    taskType,
    workflowType: 'failing',
    taskQueue: FAILING_QUEUE,
    input: {
      task,
      ...(recoveryAttempts === undefined ? {} : { recoveryAttempts }),
      ...(checkpoint ? { checkpoint } : {}),
    },
    data: { ending: ending.kind },
    summary: 'a task that fails',
  });
}
