import type { Client } from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import type { TaskRecord } from '../domain/task-record.ts';
import { ALL_TASKS, recordOf } from './task-records.ts';

/** Where a listing begins, and how much of it is wanted. */
export interface FailedRunsQuery {
  /** Runs that closed from here on, in ms since the epoch. */
  readonly sinceMs: number;
  readonly pageSize: number;
  /** What the page before returned; null for the first. */
  readonly pageToken: string | null;
}

/** A page of a listing. */
export interface FailedRunsPage {
  readonly records: readonly TaskRecord[];
  /** null: there is no further page. */
  readonly nextPageToken: string | null;
}

/**
 * Runs of tasks that failed, timed out or were terminated, the last closed first. Cancelled ones are not among them:
 * somebody wanted their end. Earlier runs of a task that failed again are.
 */
export async function listFailedRuns(client: Client, query: FailedRunsQuery): Promise<FailedRunsPage> {
  const { namespace, loadedDataConverter } = client.options;
  const since = new Date(Math.max(0, query.sinceMs)).toISOString();
  const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions({
    namespace,
    query: `ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated') AND CloseTime >= '${since}' AND ${ALL_TASKS}`,
    pageSize: query.pageSize,
    ...(query.pageToken ? { nextPageToken: Buffer.from(query.pageToken, 'base64') } : {}),
  });
  const records = await Promise.all(
    (executions ?? []).map(async (raw) =>
      recordOf(await executionInfoFromRaw(raw, loadedDataConverter, null, namespace)),
    ),
  );
  const token = nextPageToken && nextPageToken.length > 0 ? Buffer.from(nextPageToken) : null;
  return { records, nextPageToken: token?.toString('base64') ?? null };
}
