/** Temporal's lists of runs. One whose memo cannot be read hides no other. */
import type { Client } from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import type { TaskRecord } from '../domain/task-record.ts';
import { keyIdOf } from '../secrets/encrypted-payload.ts';
import { recordOf } from './record-of.ts';

/** A run as Temporal lists it, nothing of it decoded. */
export type ListedRun = Parameters<typeof executionInfoFromRaw>[0];

/** A run whose memo cannot be read: its key is not configured, or it is damaged. */
export interface UnreadableRun {
  readonly taskId: string;
  readonly runId: string;
  /** The key that it is encrypted with; null: it does not say. */
  readonly keyId: string | null;
  readonly error: unknown;
}

/** Told of each run that is left out. */
export type OnUnreadable = (run: UnreadableRun) => void;

/** Runs as visibility lists them, the newest first. */
export async function* listedRuns(client: Client, query: string): AsyncGenerator<ListedRun> {
  const { namespace } = client.options;
  for (let nextPageToken: Uint8Array | undefined; ; ) {
    const page = await client.workflowService.listWorkflowExecutions({
      namespace,
      query,
      ...(nextPageToken ? { nextPageToken } : {}),
    });
    yield* page.executions ?? [];
    nextPageToken = page.nextPageToken ?? undefined;
    if (!nextPageToken || nextPageToken.length === 0) return;
  }
}

/** The same without anything that could be unreadable. */
export async function* listedIds(
  client: Client,
  query: string,
): AsyncGenerator<{ readonly workflowId: string; readonly runId: string }> {
  for await (const run of listedRuns(client, query)) yield idsOf(run);
}

/**
 * Reads a listed run.
 * @returns undefined when its memo cannot be read, of which `onUnreadable` was told.
 */
export async function readRun(
  client: Client,
  run: ListedRun,
  onUnreadable: OnUnreadable,
): Promise<TaskRecord | undefined> {
  try {
    return await recordFrom(client, run);
  } catch (error) {
    const { workflowId: taskId, runId } = idsOf(run);
    onUnreadable({ taskId, runId, keyId: keyOf(run), error });
    return undefined;
  }
}

/** What a run's list entry says beside its memo. */
export async function recordWithoutMemo(client: Client, run: ListedRun): Promise<TaskRecord> {
  return await recordFrom(client, { ...run, memo: null });
}

async function recordFrom({ options }: Client, run: ListedRun): Promise<TaskRecord> {
  return recordOf(await executionInfoFromRaw(run, options.loadedDataConverter, null, options.namespace));
}

function idsOf({ execution }: ListedRun) {
  return { workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '' };
}

function keyOf({ memo }: ListedRun): string | null {
  return (
    Object.values(memo?.fields ?? {})
      .map(keyIdOf)
      .find((id) => id !== '') ?? null
  );
}
