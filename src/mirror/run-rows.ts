import type { FailureInfo } from '../domain/failure.ts';
import { isPlainObject } from '../domain/json.ts';
import type { RunStatus, TaskRecord } from '../domain/task-record.ts';
import type { RecoveryNote } from '../domain/task-state.ts';
import { maskText } from '../secrets/mask-text.ts';
import { sqlTime } from './time.ts';

/** Names what a message is grouped by, and the first host it speaks of; injected, since it belongs to the reports. */
export type FingerprintOf = (message: string) => {
  readonly fingerprint: string;
  readonly host?: string | undefined;
};

/** A row of `failures`. */
export type FailureRow = {
  readonly run_id: string;
  readonly task_id: string;
  readonly task_type: string;
  readonly category: string;
  readonly rule: string;
  /** 0–1. */
  readonly confidence: number;
  readonly fingerprint: string;
  readonly message: string;
  readonly error_type: string;
  readonly host: string | null;
  readonly step: string | null;
  readonly retry_type: string | null;
  /** Failed attempts of the step by kind of error, as JSON. */
  readonly attempts: string;
  /** Recoveries of the task up to this run. */
  readonly recovery_attempts: number;
  readonly run_status: string;
  readonly failed_at: string;
};

/** A row of `task_recoveries`. */
export type RecoveryRow = {
  readonly run_id: string;
  readonly task_id: string;
  readonly task_type: string;
  readonly attempt: number;
  readonly strategy: string;
  readonly delay_seconds: number;
  readonly from_step: string | null;
  readonly scheduled_at: string;
  readonly run_started_ms: number;
  readonly ended_at: string | null;
  readonly outcome: 'scheduled' | 'completed' | 'failed' | 'cancelled';
  readonly resumed_after_ms: number | null;
};

/** Cancelled runs are no failures: somebody wanted it. */
const FAILED: readonly RunStatus[] = ['FAILED', 'TIMED_OUT', 'TERMINATED'];

/** Whether a run ended as a failure. */
export function isFailed({ runStatus }: TaskRecord): boolean {
  return FAILED.includes(runStatus);
}

/** When a closed run closed, in ms since the epoch. */
export function endMs({ closedAtMs, state }: TaskRecord): number {
  return closedAtMs ?? Date.parse(state.updatedAt);
}

/** @param record a run that {@link isFailed}. */
export function failureRow(record: TaskRecord, fingerprintOf: FingerprintOf): FailureRow {
  const { state } = record;
  // Read from a memo that anybody may have written.
  const info: Partial<Record<keyof FailureInfo, unknown>> = { ...state.lastError };
  const message = maskText(textOr(info.message, `the run ended as ${record.runStatus}`));
  const found = fingerprintOf(message);
  return {
    run_id: record.runId,
    task_id: record.taskId,
    task_type: state.taskType,
    category: textOr(info.category, 'unknown'),
    rule: textOr(info.rule, `run.${record.runStatus}`),
    confidence: numberOr(info.confidence, 0),
    fingerprint: textOr(info.fingerprint, found.fingerprint),
    message,
    error_type: textOr(info.errorType, record.runStatus),
    host: found.host ?? null,
    step: textOr(info.step, null),
    retry_type: textOr(info.retryType, null),
    attempts: JSON.stringify(isPlainObject(info.attempts) ? info.attempts : {}),
    recovery_attempts: state.recoveryAttempts,
    run_status: record.runStatus,
    failed_at: sqlTime(endMs(record)),
  };
}

/** @returns undefined when the run was not started by a recovery. */
export function recoveryRow(record: TaskRecord): RecoveryRow | undefined {
  const { state } = record;
  const last: unknown = state.recoveryAttempts > 0 ? state.recoveryNotes.at(-1) : undefined;
  if (!isPlainObject(last)) return undefined;
  const note: Partial<Record<keyof RecoveryNote, unknown>> = last;
  const outcome = OUTCOMES[record.runStatus];
  if (!isOwn(note.outcome, outcome)) return undefined;
  const scheduledMs = Date.parse(textOr(note.at, ''));
  return {
    run_id: record.runId,
    task_id: record.taskId,
    task_type: state.taskType,
    attempt: state.recoveryAttempts,
    strategy: textOr(note.strategy, 'unknown'),
    delay_seconds: numberOr(note.delay_seconds, 0),
    from_step: textOr(note.from_step, null),
    scheduled_at: sqlTime(scheduledMs >= 0 ? scheduledMs : record.startedAtMs),
    run_started_ms: record.startedAtMs,
    ended_at: outcome === 'scheduled' ? null : sqlTime(endMs(record)),
    outcome,
    resumed_after_ms: numberOr(state.resumedAfterMs, null),
  };
}

const OUTCOMES: Readonly<Record<RunStatus, RecoveryRow['outcome']>> = {
  RUNNING: 'scheduled',
  CONTINUED_AS_NEW: 'scheduled',
  COMPLETED: 'completed',
  FAILED: 'failed',
  TIMED_OUT: 'failed',
  TERMINATED: 'failed',
  CANCELLED: 'cancelled',
};

/** A task that was started again by hand carries the notes of the runs before: they say how another run ended. */
function isOwn(noted: unknown, outcome: RecoveryRow['outcome']): boolean {
  if (noted === 'scheduled' || noted === outcome) return true;
  // The documented statuses have no cancelled one, so the workflow wrote `failed`.
  return noted === 'failed' && outcome === 'cancelled';
}

function textOr<T extends string | null>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' ? value : otherwise;
}

function numberOr<T extends number | null>(value: unknown, otherwise: T): number | T {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}
