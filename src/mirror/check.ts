import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskRecord } from '../domain/task-record.ts';
import { forEachBatch } from './batches.ts';
import type { Connection, SqlValue } from './connection.ts';
import { isDamage } from './errors.ts';
import { integrityCheck } from './maintain.ts';
import type { Mirror } from './mirror.ts';
import { problemOf, type StateRow, stateRow, versionOf } from './row.ts';
import type { TaskSource } from './source.ts';
import { wasCleanedUp } from './write/cleaned-tasks.ts';
import { readCursor } from './write/cursor.ts';

/** A field that is not what Temporal says. */
export interface StaleField {
  readonly task_id: string;
  readonly field: string;
  readonly mirror: SqlValue;
  readonly temporal: SqlValue;
}

export interface MirrorCheck {
  /** Whether the file is sound and nothing is missing or stale. */
  readonly ok: boolean;
  /** What SQLite found wrong with the file; empty when it is sound. */
  readonly integrity: readonly string[];
  /** Tasks that Temporal has and the mirror does not; those that were cleaned up are not among them. */
  readonly missing: readonly string[];
  readonly stale: readonly StaleField[];
  /** Tasks that only the mirror still has: older than Temporal's retention. No problem. */
  readonly extra: number;
  readonly compared: number;
  /** Share of the compared tasks that are as Temporal says, 0–1 (target: > 0.999). */
  readonly consistency: number;
}

export interface CheckOptions {
  /** What differs is looked at again after this time, in ms, since the projector is a moment behind. @default 1000 */
  readonly settleMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Compares the mirror with all that Temporal has. Reads only.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`; what the source throws.
 */
export async function checkMirror(
  mirror: Mirror,
  source: TaskSource,
  { settleMs = 1000, signal }: CheckOptions = {},
): Promise<MirrorCheck> {
  const integrity = integrityOf(mirror);
  if (integrity.length > 0) return { ...NOTHING_COMPARED, integrity };
  const cleanedBefore = mirror.read(readCursor).cleaned_before_ms ?? 0;
  const seen = new Set<string>();
  const suspects = new Map<string, TaskRecord>();
  const compare = (records: readonly TaskRecord[]) =>
    mirror.read((connection) => {
      for (const record of records) {
        if (isExcused(connection, record, cleanedBefore)) continue;
        seen.add(record.taskId);
        if (differences(connection, record) !== 'none') keepLatest(suspects, record);
      }
    });
  await forEachBatch(source.all(), compare, signal);
  if (suspects.size > 0) await sleep(settleMs, undefined, signal ? { signal } : {});
  const { missing, stale } = judge(mirror, suspects.values());
  return summary(mirror, missing, stale, seen);
}

/** A file that is damaged is not compared: what it says can't be relied on. */
const NOTHING_COMPARED = {
  ok: false,
  missing: [],
  stale: [],
  extra: 0,
  compared: 0,
  consistency: 0,
} as const;

function integrityOf(mirror: Mirror): string[] {
  try {
    return integrityCheck(mirror);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return [(error as Error).message];
  }
}

/** Not comparable, or rightly absent. */
function isExcused(connection: Connection, record: TaskRecord, cleanedBefore: number): boolean {
  if (problemOf(record)) return true;
  return (
    storedVersion(connection, record.taskId) === undefined && wasCleanedUp(connection, record, cleanedBefore)
  );
}

function storedVersion(connection: Connection, taskId: string): string | undefined {
  return connection.get<{ version: string }>('SELECT version FROM task_runs WHERE task_id = ?', [taskId])
    ?.version;
}

const FIELDS = [
  'task_type',
  'status',
  'progress',
  'data',
  'checkpoint_data',
  'retry_count',
  'last_error',
  'updated_at',
] as const satisfies readonly (keyof StateRow)[];

function differences(connection: Connection, record: TaskRecord): 'none' | 'missing' | StaleField[] {
  const stored = connection.get<StateRow>(`SELECT ${FIELDS.join(', ')} FROM task_states WHERE task_id = ?`, [
    record.taskId,
  ]);
  if (!stored) return 'missing';
  // The mirror already shows a later state than this record, or a later run.
  if ((storedVersion(connection, record.taskId) ?? '') > versionOf(record)) return 'none';
  const expected = stateRow(record);
  const stale = FIELDS.filter((field) => stored[field] !== expected[field]).map((field) => ({
    task_id: record.taskId,
    field,
    mirror: stored[field],
    temporal: expected[field],
  }));
  return stale.length > 0 ? stale : 'none';
}

/** Of several runs of a task only the latest counts. */
function keepLatest(records: Map<string, TaskRecord>, record: TaskRecord): void {
  const known = records.get(record.taskId);
  if (!known || versionOf(known) < versionOf(record)) records.set(record.taskId, record);
}

function judge(mirror: Mirror, suspects: Iterable<TaskRecord>) {
  const missing: string[] = [];
  const stale: StaleField[] = [];
  mirror.read((connection) => {
    for (const record of suspects) {
      const found = differences(connection, record);
      if (found === 'missing') missing.push(record.taskId);
      else if (found !== 'none') stale.push(...found);
    }
  });
  return { missing, stale };
}

function summary(
  mirror: Mirror,
  missing: readonly string[],
  stale: readonly StaleField[],
  seen: ReadonlySet<string>,
): MirrorCheck {
  const wrong = missing.length + new Set(stale.map((field) => field.task_id)).size;
  return {
    ok: wrong === 0,
    integrity: [],
    missing,
    stale,
    extra: countExtra(mirror, seen),
    compared: seen.size,
    consistency: seen.size === 0 ? 1 : (seen.size - wrong) / seen.size,
  };
}

function countExtra(mirror: Mirror, seen: ReadonlySet<string>): number {
  return mirror.read((connection) => {
    let extra = 0;
    for (const { task_id } of connection.iterate<{ task_id: string }>('SELECT task_id FROM task_states')) {
      if (!seen.has(task_id)) extra += 1;
    }
    return extra;
  });
}
