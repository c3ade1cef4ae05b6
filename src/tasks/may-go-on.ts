import { type Checkpoint, checkpointProblems } from '../domain/checkpoint.ts';
import { RekindleError } from '../domain/error-codes.ts';
import type { RecoveryHandler } from '../domain/failed-run.ts';
import { type TaskRecord, viewOf } from '../domain/task-record.ts';
import { stepsOfType } from '../domain/task-steps.ts';

/** Recovery handlers by task type. */
export type RecoveryHandlers = Readonly<Record<string, RecoveryHandler>>;

/** A handler that answers no sooner counts as one that failed, in ms. */
const PATIENCE_MS = 10_000;

/**
 * Asks the recovery handler of the task's type.
 * @param checkpoint where the new run would go on.
 * @throws {RekindleError} TASK_STATE, with the handler's words as the fact `refusal`. A handler that throws refuses: what
 *   it guards must not be done without it.
 */
export async function requireAgreement(
  record: TaskRecord,
  checkpoint: Checkpoint | null,
  handlers: RecoveryHandlers = {},
): Promise<void> {
  const { taskId, state } = record;
  const handler = Object.hasOwn(handlers, state.taskType) ? handlers[state.taskType] : undefined;
  if (!handler) return;
  const answer = await inTime(async () =>
    handler(viewOf({ ...record, state: { ...state, checkpoint } })),
  ).catch(
    (error: unknown) =>
      `the recovery handler failed: ${error instanceof Error ? error.message : String(error)}`,
  );
  if (answer === true) return;
  const refusal = typeof answer === 'string' && answer !== '' ? answer : 'the recovery handler says no';
  throw new RekindleError('TASK_STATE', `task ${taskId} cannot be recovered: ${refusal}`, {
    hint: 'Remove the cause, then recover it with --force.',
    facts: { refusal },
  });
}

async function inTime<T>(work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A run that starts from a damaged checkpoint fails at once.
 * @throws {RekindleError} INVALID_CHECKPOINT, naming everything that is wrong, and the operator's choices; also as the
 *   fact `refusal`.
 */
export function requireSoundCheckpoint(
  { taskId, state }: TaskRecord,
  checkpoint: unknown,
): asserts checkpoint is Checkpoint {
  const problems = checkpointProblems(checkpoint, stepsOfType(state.taskType));
  if (problems.length === 0) return;
  const refusal = `the checkpoint is damaged: ${problems.join('; ')}`;
  const command = 'rekindle task checkpoint';
  throw new RekindleError('INVALID_CHECKPOINT', `task ${taskId} cannot go on: ${refusal}`, {
    hint: `Repair it (\`${command} set ${taskId} --file FILE\`), go back to a step (\`${command} reset ${taskId} --to-step STEP\`), or start over (\`${command} reset ${taskId}\`).`,
    facts: { refusal },
  });
}
