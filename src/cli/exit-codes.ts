import { type ErrorCode, isRekindleError } from '../domain/error-codes.ts';

/** What the exit code of every command means; docs/cli.md has the same table. */
export const EXIT = {
  /** Everything asked for was done. */
  ok: 0,
  /** A task failed or was cancelled, a check found a fault, or something unexpected happened. */
  failed: 1,
  /** The command line, the input or the configuration is wrong; nothing was done. */
  usage: 2,
  /** There is no such task. */
  notFound: 3,
  /** No Temporal server could be reached or started. */
  unavailable: 4,
  /** The task is in a state that does not allow it, or a lock is not free. */
  state: 5,
  /** Interrupted by Ctrl-C; what was done is kept. */
  interrupted: 130,
} as const;

const OF_CODE: Partial<Record<ErrorCode, number>> = {
  INVALID_INPUT: EXIT.usage,
  INVALID_URL: EXIT.usage,
  INVALID_CONFIG: EXIT.usage,
  TASK_NOT_FOUND: EXIT.notFound,
  ENGINE_UNAVAILABLE: EXIT.unavailable,
  TASK_STATE: EXIT.state,
  RESOURCE_BUSY: EXIT.state,
};

/** The exit code that tells a script what went wrong. */
export function exitCodeOf(error: unknown): number {
  if (!isRekindleError(error)) return EXIT.failed;
  return OF_CODE[error.code] ?? EXIT.failed;
}
