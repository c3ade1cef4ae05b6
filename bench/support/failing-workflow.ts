import { ApplicationFailure } from '@temporalio/workflow';
import type { FailureInfo } from '../../src/domain/failure.ts';
import type { TaskInput } from '../../src/domain/task-state.ts';
import { runTask } from '../../src/workflows/task-run.ts';

/** A task that fails at once, as a step of it would: with rekindle's own memo, search attributes and failure. */
export async function failing(input: TaskInput<FailureInfo>): Promise<void> {
  await runTask<FailureInfo, void, never>({
    taskType: 'bench',
    steps: [],
    input,
    work: async () => {
      const info = input.task;
      throw ApplicationFailure.create({
        message: info.message,
        type: info.category,
        nonRetryable: true,
        details: [info],
      });
    },
  });
}
