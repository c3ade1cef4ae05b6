import { isPlainObject, type JsonObject, nonJsonPlaces } from './json.ts';

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
  const problems = checkpointProblems(value);
  if (problems.length > 0) throw damaged(problems);
  return value as Checkpoint;
}

/** Of data with very many faults the first are enough. */
const MOST_PLACES = 20;

/**
 * Everything that keeps a value from being a checkpoint.
 * @param steps of the task, in their order, when they are known: then the step has to be one of them, at its place.
 * @returns `[]` for a sound one.
 */
export function checkpointProblems(value: unknown, steps?: readonly string[]): string[] {
  if (!isPlainObject(value)) return [`expected an object, found ${describe(value)}`];
  const problems: string[] = [];
  const { step, step_index: index } = value;
  if (typeof step !== 'string' || step === '') problems.push(`step is ${describe(step)}`);
  else if (steps && !steps.includes(step))
    problems.push(`step is "${step}", which the task has not; its steps are ${steps.join(', ')}`);
  if (!Number.isInteger(index) || (index as number) < 0) problems.push(`step_index is ${describe(index)}`);
  else if (steps?.includes(step as string) && index !== steps.indexOf(step as string))
    problems.push(`step_index is ${index}; that of "${step}" is ${steps.indexOf(step as string)}`);
  if (typeof value.timestamp !== 'string' || Number.isNaN(Date.parse(value.timestamp))) {
    problems.push(`timestamp is ${describe(value.timestamp)}`);
  }
  if (isPlainObject(value.data)) problems.push(...first(MOST_PLACES, nonJsonPlaces(value.data, 'data')));
  else problems.push(`data is ${describe(value.data)}`);
  return problems;
}

function* first<T>(count: number, items: Iterable<T>): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left === 0) return;
    left -= 1;
    yield item;
  }
}

function damaged(problems: readonly string[]): InvalidCheckpointError {
  return new InvalidCheckpointError(`the checkpoint is damaged: ${problems.join('; ')}`);
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}
