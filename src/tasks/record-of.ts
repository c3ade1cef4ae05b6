import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { FailureInfo } from '../domain/failure.ts';
import { isPlainObject } from '../domain/json.ts';
import { isTaskStatus, type TaskStatus } from '../domain/task.ts';
import type { RunStatus, TaskRecord } from '../domain/task-record.ts';
import { NO_RETRIED_STEPS, type TaskState } from '../domain/task-state.ts';

/** What is read of a run, as lists and descriptions give it. */
export type RunInfo = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'type' | 'status' | 'startTime' | 'memo'
> & {
  readonly closeTime?: Date | undefined;
};

/** Reads one run's memo into a record. */
export function recordOf(info: RunInfo): TaskRecord {
  const runStatus = runStatusOf(info);
  const state = stateOf(info.memo ?? {}, info.type, info.startTime);
  return {
    taskId: info.workflowId,
    runId: info.runId,
    runStatus,
    startedAtMs: info.startTime.getTime(),
    closedAtMs: info.closeTime?.getTime() ?? null,
    state: corrected(state, runStatus, info.closeTime),
  };
}

function runStatusOf(info: RunInfo): RunStatus {
  const { name } = info.status;
  return name === 'UNSPECIFIED' || name === 'UNKNOWN' || name === 'PAUSED' ? 'RUNNING' : name;
}

/** The memo was written by our own workflows, or by whoever started the run: nothing in it is taken for granted. */
function stateOf(memo: Record<string, unknown>, workflowType: string, startedAt: Date): TaskState {
  return {
    taskType: textOr(memo.taskType, workflowType),
    status: isTaskStatus(memo.status) ? memo.status : 'pending',
    progress: numberOr(memo.progress, 0),
    step: typeof memo.step === 'string' ? memo.step : null,
    checkpoint: isPlainObject(memo.checkpoint)
      ? (memo.checkpoint as unknown as TaskState['checkpoint'])
      : null,
    retryCount: numberOr(memo.retryCount, 0),
    lastError: isPlainObject(memo.lastError) ? (memo.lastError as unknown as FailureInfo) : null,
    data: (isPlainObject(memo.data) ? memo.data : {}) as TaskState['data'],
    recoveryAttempts: numberOr(memo.recoveryAttempts, 0),
    recoveryNotes: Array.isArray(memo.recoveryNotes) ? memo.recoveryNotes : [],
    retriedSteps: isRetriedSteps(memo.retriedSteps) ? memo.retriedSteps : NO_RETRIED_STEPS,
    resumedAfterMs: typeof memo.resumedAfterMs === 'number' ? memo.resumedAfterMs : null,
    updatedAt: textOr(memo.updatedAt, startedAt.toISOString()),
  };
}

/** A run that the server ended never got to say so in its memo. */
function corrected(state: TaskState, runStatus: RunStatus, closedAt: Date | undefined): TaskState {
  const status = statusOf(runStatus, state.status);
  if (status === state.status || !closedAt) return { ...state, status };
  const lastError = status === 'failed' ? (state.lastError ?? endedByServer(runStatus, state.step)) : null;
  return { ...state, status, lastError, updatedAt: closedAt.toISOString() };
}

function statusOf(runStatus: RunStatus, memoStatus: TaskStatus): TaskStatus {
  switch (runStatus) {
    case 'RUNNING':
    case 'CONTINUED_AS_NEW':
      return memoStatus;
    case 'COMPLETED':
      return 'completed';
    case 'FAILED':
    case 'CANCELLED':
    case 'TERMINATED':
    case 'TIMED_OUT':
      return 'failed';
  }
}

function endedByServer(runStatus: RunStatus, step: string | null): FailureInfo {
  return {
    category: 'unknown',
    retryType: 'unknown_error',
    rule: `run.${runStatus}`,
    confidence: 1,
    explanation: 'The run was ended by the server or by an operator before it could say why.',
    message: `the run ended as ${runStatus}`,
    errorType: runStatus,
    hint: null,
    step,
    attempts: {},
  };
}

function isRetriedSteps(value: unknown): value is TaskState['retriedSteps'] {
  return isPlainObject(value) && ['total', 'good', 'tries'].every((key) => typeof value[key] === 'number');
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
