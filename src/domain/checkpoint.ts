import { findNonJson, isPlainObject, type JsonObject } from './json.ts';

/** Where a task is, and what it needs to go on from there (SPEC section 1; field names as documented). */
export interface Checkpoint {
  /** Name of the step that was reached. */
  readonly step: string;
  /** Position of that step in the task's list of steps, from 0. */
  readonly step_index: number;
  /** What the step needs to go on; JSON. */
  readonly data: JsonObject;
  /** When it was written, ISO 8601 in UTC. */
  readonly timestamp: string;
}

/** A checkpoint is damaged, or its data is not JSON. */
export class InvalidCheckpointError extends Error {
  override readonly name = 'InvalidCheckpointError';
}

/**
 * Makes a checkpoint after validating it.
 * @param now milliseconds since the epoch; in a workflow `Date.now()`, which is deterministic there.
 * @throws {InvalidCheckpointError} naming the field that is wrong.
 */
export function makeCheckpoint(step: string, stepIndex: number, data: JsonObject, now: number): Checkpoint {
  return parseCheckpoint({ step, step_index: stepIndex, data, timestamp: new Date(now).toISOString() });
}

/**
 * Validates a checkpoint that was read from somewhere.
 * @throws {InvalidCheckpointError} naming every field that is wrong.
 */
export function parseCheckpoint(value: unknown): Checkpoint {
  if (!isPlainObject(value)) throw damaged([`expected an object, found ${describe(value)}`]);
  const problems: string[] = [];
  if (typeof value.step !== 'string' || value.step === '') problems.push(`step is ${describe(value.step)}`);
  if (!Number.isInteger(value.step_index) || (value.step_index as number) < 0) {
    problems.push(`step_index is ${describe(value.step_index)}`);
  }
  if (typeof value.timestamp !== 'string' || Number.isNaN(Date.parse(value.timestamp))) {
    problems.push(`timestamp is ${describe(value.timestamp)}`);
  }
  const nonJson = isPlainObject(value.data)
    ? findNonJson(value.data, 'data')
    : `data is ${describe(value.data)}`;
  if (nonJson) problems.push(nonJson);
  if (problems.length > 0) throw damaged(problems);
  return value as unknown as Checkpoint;
}

function damaged(problems: readonly string[]): InvalidCheckpointError {
  return new InvalidCheckpointError(`the checkpoint is damaged: ${problems.join('; ')}`);
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}
