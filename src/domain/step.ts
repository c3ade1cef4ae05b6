import type { JsonObject } from './json.ts';
import type { RetryBudget } from './retry-policy.ts';

/** What every step activity returns: its own value, and what it took to get it. */
export interface StepOutcome<T> {
  readonly value: T;
  /** Attempts that failed before this one, and reconnects inside an attempt. */
  readonly retries: number;
}

/**
 * What a step's heartbeat carries. A retry starts with the last one that was sent, so this is
 * where budgets live: they are spent by errors, never by a crash.
 */
export interface StepHeartbeat {
  /** How far the step is, 0–1 of the step. */
  readonly fraction: number;
  /**
   * A number that grows whenever something was achieved that stays (bytes on disk). When it grew
   * since the last failure, that failure's budgets start afresh.
   */
  readonly progress: number;
  readonly budget: RetryBudget;
  /** `progress` at the last failure. */
  readonly progressAtFailure: number;
  /** Failed attempts so far, whatever their kind. */
  readonly failures: number;
  /** The step's own data for going on, in the checkpoint's form. */
  readonly data: JsonObject;
}

/** The heartbeat of a step that has not sent one. */
export const FIRST_HEARTBEAT: StepHeartbeat = {
  fraction: 0,
  progress: 0,
  budget: {},
  progressAtFailure: 0,
  failures: 0,
  data: {},
};

/**
 * Thrown by a step that cannot go on until something outside has happened (somebody logs in, say): it gives its place
 * to others and is tried again after a while. That is no error and burns no budget.
 */
export class StepWaits extends Error {
  override readonly name = 'StepWaits';
  /** Until it looks again, in ms. */
  readonly delayMs: number;
  /** Waiting longer than this in one go fails the step with `cause`, in ms. */
  readonly limitMs: number;

  constructor(message: string, options: { delayMs: number; limitMs: number; cause: Error }) {
    super(message, { cause: options.cause });
    this.delayMs = options.delayMs;
    this.limitMs = options.limitMs;
  }
}
