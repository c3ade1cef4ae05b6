/**
 * The words of rekindle (SPEC section 1).
 *
 * - **task**: one piece of work a user asked for. `task_id` is its workflow ID.
 * - **run**: one execution of a task's workflow. A recovery is a new run of the same task.
 * - **step**: one activity of a task; steps run in order and are the places a task can go on from.
 * - **checkpoint**: where a task is and what it needs to go on from there.
 */

/** The task types that rekindle knows; users add their own, so a type is any such name. */
export type TaskType = string;

/** Every status of a task, in the order of its life. */
export const TASK_STATUSES = ['pending', 'running', 'paused', 'recovering', 'completed', 'failed'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

const NEXT_STATUSES = {
  pending: ['running', 'paused', 'failed'],
  running: ['paused', 'completed', 'failed'],
  paused: ['running', 'failed'],
  recovering: ['running', 'paused', 'failed'],
  completed: [],
  failed: ['recovering'],
} as const satisfies Record<TaskStatus, readonly TaskStatus[]>;

/** Whether `status` is one of the six documented ones. */
export function isTaskStatus(status: unknown): status is TaskStatus {
  return (TASK_STATUSES as readonly unknown[]).includes(status);
}

/** Whether a task may go from one status to another. Staying is no change and always allowed. */
export function canTransition(from: TaskStatus, to: TaskStatus): boolean {
  return from === to || (NEXT_STATUSES[from] as readonly TaskStatus[]).includes(to);
}

/** An illegal change of a task's status was asked for. */
export class IllegalTransitionError extends Error {
  override readonly name = 'IllegalTransitionError';
  readonly from: TaskStatus;
  readonly to: TaskStatus;

  constructor(from: TaskStatus, to: TaskStatus) {
    const allowed = NEXT_STATUSES[from];
    const hint = allowed.length > 0 ? `it can only become ${allowed.join(', ')}` : 'it is finished';
    super(`a ${from} task cannot become ${to}: ${hint}`);
    this.from = from;
    this.to = to;
  }
}

/** Returns `to`. @throws {IllegalTransitionError} when the change is not allowed. */
export function transition(from: TaskStatus, to: TaskStatus): TaskStatus {
  if (!canTransition(from, to)) throw new IllegalTransitionError(from, to);
  return to;
}

/** Whether a task of this status will change no more by itself. */
export function isFinished(status: TaskStatus): boolean {
  return status === 'completed' || status === 'failed';
}
