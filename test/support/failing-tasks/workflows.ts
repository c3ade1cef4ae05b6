/** Workflows of tasks that fail as a test wants them to. */
import { ApplicationFailure, condition, sleep, workflowInfo } from '@temporalio/workflow';
import type { FailureInfo } from '../../../src/domain/failure.ts';
import type { TaskInput } from '../../../src/domain/task-state.ts';
import { runTask } from '../../../src/workflows/task-run.ts';

/** How such a task ends. */
export type Ending =
  /** As our own workflows fail: with a meaning, in the memo too. */
  | { readonly kind: 'says'; readonly info: FailureInfo }
  /** In code that knows nothing of rekindle. */
  | { readonly kind: 'silent'; readonly message: string; readonly type?: string }
  /** Not by itself. */
  | { readonly kind: 'waits' }
  | { readonly kind: 'completes' };

/** What such a task is asked to do. */
export interface FailingInput {
  /** Of the first run. */
  readonly ending: Ending;
  /** Of all further ones. @default the same */
  readonly afterwards?: Ending;
}

const STEPS = [
  { name: 'first', share: 1 },
  { name: 'second', share: 1 },
] as const;

export async function failing(input: TaskInput<FailingInput>): Promise<string> {
  const { ending, afterwards = ending } = input.task;
  const now = (input.recoveryNotes ?? []).length > 0 ? afterwards : ending;
  if (now.kind === 'silent')
    throw ApplicationFailure.create({ message: now.message, ...(now.type ? { type: now.type } : {}) });
  return await runTask({
    taskType: String(workflowInfo().memo?.taskType),
    steps: STEPS,
    input,
    work: async () => {
      await sleep(1);
      if (now.kind === 'says') {
        throw ApplicationFailure.create({
          message: now.info.message,
          details: [now.info],
          nonRetryable: true,
        });
      }
      if (now.kind === 'waits') await condition(() => false);
      return 'done';
    },
  });
}
