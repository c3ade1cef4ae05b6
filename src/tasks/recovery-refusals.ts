/** Why a task is not recovered, in words. */
import { RekindleError } from '../domain/error-codes.ts';
import type { NotifyReason } from '../domain/recovery-policy.ts';
import type { TaskRecord } from '../domain/task-record.ts';

/** Only a failed task can be recovered. @throws {RekindleError} TASK_STATE */
export function requireFailed({ taskId, runStatus, state }: TaskRecord): void {
  if (runStatus === 'RUNNING') {
    throw refused(
      taskId,
      `is ${state.status}`,
      'Only a failed task can be recovered; `rekindle task wait` follows it.',
    );
  }
  if (state.status === 'completed') {
    throw refused(taskId, 'is completed', 'Start it anew if its result is gone.');
  }
}

/** Why a task is not recovered without force. */
export function notAllowed({ taskId, state }: TaskRecord, reason: NotifyReason): RekindleError {
  const why =
    reason === 'not_recoverable'
      ? `failed with ${state.lastError?.category}, which another run would meet again`
      : `was recovered ${state.recoveryAttempts} times, the most that is allowed`;
  return refused(taskId, why, 'Remove the cause, then recover it with --force.');
}

/** @returns the error for a task that never was. */
export function notFound(taskId: string, cause?: unknown): RekindleError {
  return new RekindleError('TASK_NOT_FOUND', `there is no task ${taskId}`, {
    hint: '`rekindle task list` shows the tasks there are.',
    cause,
  });
}

/** The error of a recovery that is not allowed. @param why follows “it”; @param hint one sentence */
export function refused(taskId: string, why: string, hint: string): RekindleError {
  return new RekindleError('TASK_STATE', `task ${taskId} cannot be recovered: it ${why}`, { hint });
}
