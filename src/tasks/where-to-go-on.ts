/** The place from which a recovered task goes on: its start, a step, or a checkpoint. */
import type { Client } from '@temporalio/client';
import { type Checkpoint, makeCheckpoint } from '../domain/checkpoint.ts';
import { RekindleError } from '../domain/error-codes.ts';
import type { FailureInfo } from '../domain/failure.ts';
import type { TaskRecord } from '../domain/task-record.ts';
import { stepsOfType } from '../domain/task-steps.ts';
import { requireSoundCheckpoint } from './may-go-on.ts';
import { refused } from './recovery-refusals.ts';
import { type StartedWith, startedWith } from './started-with.ts';

/** Where the new run goes on; at most one of these. */
export interface WhereToGoOn {
  /** Forget the checkpoint. @default false: go on from it */
  readonly fromStart?: boolean | undefined;
  /** Go on at this step, which is the checkpoint's or an earlier one. @default the checkpoint's */
  readonly fromStep?: string | undefined;
  /** Go on from this checkpoint, which is validated. @default the task's own */
  readonly checkpoint?: unknown;
}

/**
 * Where the new run goes on; null: at the start.
 * @throws {RekindleError} INVALID_INPUT, TASK_STATE, INVALID_CHECKPOINT
 */
export function checkpointFor(
  record: TaskRecord,
  { input }: StartedWith,
  where: WhereToGoOn,
): Checkpoint | null {
  const { taskId, state } = record;
  const { fromStart, fromStep, checkpoint: given } = where;
  if (fromStart) return null;
  if (given !== undefined) {
    requireSoundCheckpoint(record, given);
    return given;
  }
  // A run that ended before it took over its checkpoint has it in its input only.
  const checkpoint = state.checkpoint ?? input.checkpoint ?? null;
  if (fromStep === undefined) {
    if (checkpoint !== null) requireSoundCheckpoint(record, checkpoint);
    return checkpoint;
  }
  const bad = isBadCheckpoint(state.lastError);
  if (fromStep === checkpoint?.step && !bad) return checkpoint;
  const steps = stepsOfType(state.taskType);
  // Only the type's own workflow knows its steps, and says so when it has no such one.
  if (!steps) return makeCheckpoint(fromStep, 0, {}, Date.now());
  const index = steps.indexOf(fromStep);
  if (index < 0) {
    throw new RekindleError('INVALID_INPUT', `a ${state.taskType} has no step ${fromStep}`, {
      hint: `Its steps are ${steps.join(', ')}.`,
    });
  }
  // How far a task got whose checkpoint cannot be read, only a person knows.
  const reached = bad ? steps.length - 1 : Math.max(0, steps.indexOf(checkpoint?.step ?? ''));
  if (index > reached) {
    throw refused(
      taskId,
      `has not got as far as ${fromStep}`,
      `It can go on from ${steps.slice(0, reached + 1).join(', ')}.`,
    );
  }
  return makeCheckpoint(fromStep, index, {}, Date.now());
}

/**
 * The checkpoint that a task would go on from, as it is: it may be damaged. A run that ended before it took over its
 * checkpoint has it in its input only. @returns null: there is none.
 */
export async function checkpointOf(client: Client, record: TaskRecord): Promise<unknown> {
  if (record.state.checkpoint !== null || record.runStatus === 'RUNNING') return record.state.checkpoint;
  if (record.state.status === 'completed') return null;
  return (await startedWith(client, record)).input.checkpoint ?? null;
}

/** @throws {RekindleError} INVALID_INPUT when a request wants to go on from more than one place. */
export function requireOnePlace({ fromStart, fromStep, checkpoint }: WhereToGoOn): void {
  const places = [fromStart || undefined, fromStep, checkpoint].filter((one) => one !== undefined);
  if (places.length <= 1) return;
  throw new RekindleError(
    'INVALID_INPUT',
    'a task goes on from its start, a step or a checkpoint: from one',
    {
      hint: 'Leave the others out.',
    },
  );
}

/** Whether a run failed because it could not go on from its checkpoint. */
export function isBadCheckpoint(failure: Pick<FailureInfo, 'errorType'> | null): boolean {
  return failure?.errorType === 'INVALID_CHECKPOINT';
}
