import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { isPlainObject } from '../domain/json.ts';
import { maskText } from '../secrets/mask-text.ts';
import { decodeFirst } from '../tasks/payloads.ts';

/** What the running step of a task said last, straight from its heartbeat. */
export interface LiveProgress {
  /** Name of the activity that runs or waits for its retry. */
  readonly step: string;
  readonly attempt: number;
  /** 0–1 of the step. */
  readonly fraction: number;
  readonly downloadedBytes: number | null;
  readonly totalBytes: number | null;
  /** Message of the attempt that failed before this one. */
  readonly lastFailure: string | null;
  /** When the next attempt starts, ms since the epoch, while the step waits for it. */
  readonly nextAttemptAtMs: number | null;
}

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/** Progress of the step that a task is in; undefined between steps. */
export async function liveProgress(
  client: Client,
  description: WorkflowExecutionDescription,
): Promise<LiveProgress | undefined> {
  const [activity] = description.raw.pendingActivities ?? [];
  if (!activity) return undefined;
  const { workflowId } = description;
  const beat = await heartbeatOf(client, workflowId, activity);
  const data = isPlainObject(beat?.data) ? beat.data : {};
  return {
    step: activity.activityType?.name ?? '',
    attempt: activity.attempt ?? 1,
    fraction: numberOrNull(beat?.fraction) ?? 0,
    downloadedBytes: numberOrNull(data.downloaded_bytes),
    totalBytes: numberOrNull(data.total_size),
    lastFailure: await failureOf(client, workflowId, activity),
    nextAttemptAtMs: nextAttemptAtMs(activity),
  };
}

async function heartbeatOf(
  client: Client,
  workflowId: string,
  activity: PendingActivity,
): Promise<Record<string, unknown> | undefined> {
  const value = await decodeFirst(client, workflowId, activity.heartbeatDetails?.payloads);
  return isPlainObject(value) ? value : undefined;
}

/** Its message may be encrypted, as everything else. */
async function failureOf(
  { options }: Client,
  workflowId: string,
  { lastFailure }: PendingActivity,
): Promise<string | null> {
  const { loadedDataConverter, namespace } = options;
  const context = { type: 'workflow', namespace, workflowId } as const;
  const error = await decodeOptionalFailureToOptionalError(loadedDataConverter, lastFailure, context);
  return error ? maskText(error.message) : null;
}

/** `temporal.api.enums.v1.PendingActivityState`: it waits, be it for its turn or for its next attempt. */
const SCHEDULED = 1;

function nextAttemptAtMs({ scheduledTime, attempt, state }: PendingActivity): number | null {
  if (!scheduledTime?.seconds || (attempt ?? 1) === 1 || state !== SCHEDULED) return null;
  return Number(scheduledTime.seconds) * 1000 + Math.floor((scheduledTime.nanos ?? 0) / 1e6);
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
