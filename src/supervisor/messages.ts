/** What the supervisor and its children say to each other. */
import { isPlainObject } from '../domain/json.ts';
import type { TakeOver } from './take-over.ts';

/** What a child of `up` is for. */
export const CHILD_ROLES = ['worker', 'keeper'] as const;
export type ChildRole = (typeof CHILD_ROLES)[number];

export type ToChild =
  /** The engine runs here: get ready. */
  | { readonly type: 'engine'; readonly address: string; readonly namespace: string }
  /** Take work. */
  | { readonly type: 'run' }
  /** Save what you have and end. */
  | { readonly type: 'stop' };

export type FromChild =
  /** Everything is loaded and connected: it waits for `run`. At its end it may take so much longer. */
  | { readonly type: 'prepared'; readonly endHandlersMs?: number }
  /** It takes work; taking over, which lasts long when thousands of workflows wait, still goes on beside it. */
  | { readonly type: 'working' }
  /** It takes work, and has taken over. */
  | { readonly type: 'running'; readonly takenOver: TakeOver | null }
  /** It cannot begin, and why; it ends. */
  | { readonly type: 'failed'; readonly error: ToldError };

/** Nobody had died. It stands here, since the supervisor does not load what taking over needs. */
export const NOTHING_TAKEN_OVER: TakeOver = { deadWorkers: 0, activities: 0, workflows: 0, inFlight: [] };

/** An error as it crosses between processes. */
export interface ToldError {
  readonly code: string | null;
  readonly message: string;
  readonly hint: string | null;
}

/** A crash that the supervisor saw, and what was taken over. */
export interface SeenCrash {
  readonly cause: 'worker';
  /** In ms since the epoch. */
  readonly sinceMs: number;
  readonly takenOver: TakeOver;
  /** When it had been taken over, in ms since the epoch. */
  readonly takenOverAtMs: number;
}

/** Whether a message that came through the channel is one of ours. */
export function isMessage(value: unknown): value is { readonly type: string } {
  return isPlainObject(value) && typeof value.type === 'string';
}
