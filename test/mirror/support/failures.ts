import type { TaskRecord } from '../../../src/domain/task-record.ts';
import type { RecoveryNote } from '../../../src/domain/task-state.ts';
import type { HandlingInput, Mirror } from '../../../src/mirror/index.ts';
import { failed, T0 } from './records.ts';

/** The rows of a table, without the columns that a test does not look at. */
export function rows(mirror: Mirror, table: string, columns = '*', order = '1'): unknown[] {
  return mirror.read((c) => c.all(`SELECT ${columns} FROM ${table} ORDER BY ${order}`));
}

export function note(options: Partial<RecoveryNote> = {}): RecoveryNote {
  return {
    at: new Date(T0 - 1000).toISOString(),
    why: 'read ECONNRESET',
    delay_seconds: 30,
    outcome: 'scheduled',
    strategy: 'recoverable_network',
    from_step: 'transfer',
    ...options,
  };
}

/** A failed run of a category. */
export function failedAs(category: string, atMs: number, message = 'read ECONNRESET'): TaskRecord {
  const record = failed(`${category}-${atMs}`, atMs);
  const { lastError } = record.state;
  if (!lastError) throw new Error('failed() gives an error');
  return { ...record, state: { ...record.state, lastError: { ...lastError, category, message } } };
}

export function handling(runId: string, options: Partial<HandlingInput> = {}): HandlingInput {
  return {
    runId,
    taskId: `task-of-${runId}`,
    action: 'auto_recovery',
    detail: null,
    delaySeconds: 30,
    attempt: 1,
    scanId: 'scan-1',
    handledAtMs: T0 + 60_000,
    failedAtMs: T0,
    ...options,
  };
}
