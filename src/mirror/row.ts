import { hash } from 'node:crypto';
import { findNonJson } from '../domain/json.ts';
import { isTaskStatus } from '../domain/task.ts';
import type { TaskRecord } from '../domain/task-record.ts';
import { maskJson } from '../secrets/mask-json.ts';
import { maskText } from '../secrets/mask-text.ts';
import { sqlTime } from './time.ts';

/** The columns of `task_states` that follow from a record alone (`created_at` needs the task's first run). */
export type StateRow = {
  readonly task_id: string;
  readonly task_type: string;
  readonly status: string;
  readonly progress: number;
  readonly data: string;
  readonly checkpoint_data: string | null;
  readonly retry_count: number;
  readonly last_error: string | null;
  readonly updated_at: string;
};

/** The columns of `task_runs` that follow from a record alone. */
export type RunRow = {
  readonly task_id: string;
  readonly version: string;
  readonly run_id: string;
  readonly run_status: string;
  readonly run_started_ms: number;
  readonly run_closed_ms: number | null;
  readonly step: string | null;
  readonly failure: string | null;
  readonly recovery_attempts: number;
  readonly recovery_notes: string;
};

/** @param record one that {@link problemOf} finds nothing wrong with. */
export function stateRow(record: TaskRecord): StateRow {
  const { state } = record;
  return {
    task_id: record.taskId,
    task_type: state.taskType,
    status: state.status,
    progress: state.progress,
    data: JSON.stringify(maskJson(state.data)),
    checkpoint_data: jsonOrNull(state.checkpoint),
    retry_count: state.retryCount,
    last_error: state.lastError ? maskText(state.lastError.message) : null,
    updated_at: sqlTime(Date.parse(state.updatedAt)),
  };
}

export function runRow(record: TaskRecord): RunRow {
  const { state } = record;
  return {
    task_id: record.taskId,
    version: versionOf(record),
    run_id: record.runId,
    run_status: record.runStatus,
    run_started_ms: record.startedAtMs,
    run_closed_ms: record.closedAtMs,
    step: state.step,
    failure: jsonOrNull(state.lastError),
    recovery_attempts: state.recoveryAttempts,
    recovery_notes: JSON.stringify(maskJson(state.recoveryNotes)),
  };
}

/** Digits of a time in ms, enough until the year 33658. */
const TIME_DIGITS = 15;

/**
 * A text that sorts as the records of a task follow each other: a later run after an earlier one, within a run a
 * closed state after an open one, then by the time of the change. Records that differ although all of these are
 * equal get an order by their content, so that every order of writing ends with the same row.
 */
export function versionOf(record: TaskRecord): string {
  const closed = record.closedAtMs !== null || record.runStatus !== 'RUNNING';
  return [
    digits(record.startedAtMs),
    record.runId,
    closed ? 1 : 0,
    digits(Date.parse(record.state.updatedAt)),
    hash('sha1', JSON.stringify(record)),
  ].join('.');
}

function digits(ms: number): string {
  return String(Math.trunc(ms)).padStart(TIME_DIGITS, '0');
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(maskJson(value));
}

/** Says why a record cannot be written, or undefined when it can. */
export function problemOf(record: TaskRecord): string | undefined {
  const { state } = record;
  if (!record.taskId) return 'taskId is missing';
  if (!record.runId) return 'runId is missing';
  if (typeof state.taskType !== 'string') return 'taskType is no text';
  if (!isTaskStatus(state.status)) return `status is ${JSON.stringify(state.status)}`;
  return problemOfNumbers(record) ?? problemOfJson(state);
}

function problemOfNumbers({ state, startedAtMs, closedAtMs }: TaskRecord): string | undefined {
  const numbers = {
    progress: state.progress,
    retryCount: state.retryCount,
    recoveryAttempts: state.recoveryAttempts,
    startedAtMs,
    closedAtMs: closedAtMs ?? 0,
    updatedAt: Date.parse(state.updatedAt),
  };
  const bad = Object.entries(numbers).find(([, value]) => !Number.isFinite(value) || value < 0);
  return bad && `${bad[0]} is ${bad[1]}`;
}

function problemOfJson(state: TaskRecord['state']): string | undefined {
  return (
    findNonJson(state.data, 'data') ??
    findNonJson(state.checkpoint, 'checkpoint') ??
    findNonJson(state.lastError, 'lastError') ??
    findNonJson(state.recoveryNotes, 'recoveryNotes')
  );
}
