import type { Client } from '@temporalio/client';
import type { TaskRecord } from '../domain/task-record.ts';
import { listedRuns, type OnUnreadable, readRun, type UnreadableRun } from './list-runs.ts';

/** Every run of every task; other workflows of the namespace have no task type. */
export const ALL_TASKS = 'TaskType IS NOT NULL';

/** A literal of Temporal's list filter. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Runs of tasks as visibility lists them, the newest first; a task that ran again appears once a run.
 * @param onUnreadable told of runs that are left out since their memo cannot be read. @default it is thrown
 */
export async function* taskRecords(
  client: Client,
  query = ALL_TASKS,
  onUnreadable: OnUnreadable = thrown,
): AsyncGenerator<TaskRecord> {
  for await (const run of listedRuns(client, query)) {
    const record = await readRun(client, run, onUnreadable);
    if (record) yield record;
  }
}

function thrown({ error }: UnreadableRun): never {
  throw error;
}

/** Only each task's latest run; a task whose latest run cannot be read is left out. */
export async function* latestTaskRecords(
  client: Client,
  query = ALL_TASKS,
  onUnreadable: OnUnreadable = thrown,
): AsyncGenerator<TaskRecord> {
  const seen = new Set<string>();
  const leftOut: OnUnreadable = (run) => {
    if (!seen.has(run.taskId)) onUnreadable(run);
    seen.add(run.taskId);
  };
  for await (const record of taskRecords(client, query, leftOut)) {
    if (seen.has(record.taskId)) continue;
    seen.add(record.taskId);
    yield record;
  }
}
