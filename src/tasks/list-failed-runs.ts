import type { Client } from '@temporalio/client';
import type { TaskRecord } from '../domain/task-record.ts';
import { readRun, recordWithoutMemo } from './list-runs.ts';
import { ALL_TASKS, quoted } from './task-records.ts';

/** Where a listing begins, and how much of it is wanted. */
export interface FailedRunsQuery {
  /** Runs that closed from here on, in ms since the epoch. */
  readonly sinceMs: number;
  readonly pageSize: number;
  /** What the page before returned; null for the first. */
  readonly pageToken: string | null;
  /** Only tasks of this type. @default all */
  readonly taskType?: string | undefined;
  /** A further condition, in Temporal's words, on one field. */
  readonly where?: string | undefined;
}

/** A page of a listing. */
export interface FailedRunsPage {
  readonly records: readonly TaskRecord[];
  /** Runs whose memo cannot be read (a codec that is missing, damaged data); nothing of it is in their record. */
  readonly unreadable: readonly { readonly record: TaskRecord; readonly error: unknown }[];
  /** null: there is no further page. */
  readonly nextPageToken: string | null;
}

/**
 * Runs of tasks that failed, timed out or were terminated, the last closed first. Cancelled ones are not among them:
 * somebody wanted their end. Earlier runs of a task that failed again are.
 *
 * The question asks by one field after the other, never by OR over several: visibility on SQLite would read every run
 * there is (docs/decisions/0005-what-following-costs.md).
 */
export async function listFailedRuns(client: Client, query: FailedRunsQuery): Promise<FailedRunsPage> {
  const since = new Date(Math.max(0, query.sinceMs)).toISOString();
  const ofType = query.taskType === undefined ? ALL_TASKS : `TaskType = ${quoted(query.taskType)}`;
  const also = query.where === undefined ? '' : ` AND ${query.where}`;
  const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    query: `ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated') AND CloseTime >= '${since}' AND ${ofType}${also}`,
    pageSize: query.pageSize,
    ...(query.pageToken ? { nextPageToken: Buffer.from(query.pageToken, 'base64') } : {}),
  });
  const records: TaskRecord[] = [];
  const unreadable: { record: TaskRecord; error: unknown }[] = [];
  for (const raw of executions ?? []) {
    let why: unknown;
    const record = await readRun(client, raw, ({ error }) => {
      why = error;
    });
    if (record) records.push(record);
    else unreadable.push({ record: await recordWithoutMemo(client, raw), error: why });
  }
  const token = nextPageToken && nextPageToken.length > 0 ? Buffer.from(nextPageToken) : null;
  return { records, unreadable, nextPageToken: token?.toString('base64') ?? null };
}
