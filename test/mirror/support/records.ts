import type { TaskRecord } from '../../../src/domain/task-record.ts';
import type { TaskState } from '../../../src/domain/task-state.ts';

/** 2026-01-02 03:04:05.678 UTC. */
export const T0 = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

export interface RecordOptions extends Partial<Omit<TaskRecord, 'state'>> {
  /** When the state last changed, ms since the epoch. @default the run's start */
  readonly updatedAtMs?: number;
  readonly state?: Partial<TaskState>;
}

/** A running download, with what a test wants to be different. */
export function record(taskId: string, options: RecordOptions = {}): TaskRecord {
  const { state, updatedAtMs, ...rest } = options;
  const startedAtMs = rest.startedAtMs ?? T0;
  return {
    taskId,
    runId: `run-of-${taskId}`,
    runStatus: 'RUNNING',
    startedAtMs,
    closedAtMs: null,
    ...rest,
    state: {
      taskType: 'video_download',
      status: 'running',
      progress: 40,
      step: 'transfer',
      checkpoint: null,
      retryCount: 0,
      lastError: null,
      data: { url: `https://example.com/${taskId}` },
      recoveryAttempts: 0,
      recoveryNotes: [],
      retriedSteps: { total: 0, good: 0, tries: 0 },
      resumedAfterMs: null,
      updatedAt: new Date(updatedAtMs ?? startedAtMs).toISOString(),
      ...state,
    },
  };
}

export function completed(taskId: string, closedAtMs: number): TaskRecord {
  return record(taskId, {
    runStatus: 'COMPLETED',
    closedAtMs,
    updatedAtMs: closedAtMs,
    state: { status: 'completed', progress: 100 },
  });
}

export function failed(taskId: string, closedAtMs: number): TaskRecord {
  return record(taskId, {
    runStatus: 'FAILED',
    closedAtMs,
    updatedAtMs: closedAtMs,
    state: {
      status: 'failed',
      retryCount: 4,
      checkpoint: {
        step: 'transfer',
        step_index: 2,
        data: { downloaded_bytes: 1024, chunk_index: 3 },
        timestamp: new Date(closedAtMs).toISOString(),
      },
      lastError: {
        category: 'recoverable_network',
        retryType: 'network_error',
        rule: 'code.ECONNRESET',
        confidence: 1,
        explanation: 'the connection was reset',
        message: 'read ECONNRESET',
        errorType: 'Error',
        hint: null,
        step: 'transfer',
        attempts: { network_error: 5 },
      },
    },
  });
}
