import type { Client } from '@temporalio/client';
import { sessionText } from '../domain/session.ts';
import type { TaskRecord } from '../domain/task-record.ts';
import type { TaskInput } from '../domain/task-state.ts';
import type { PublishedFile, VideoDownloadInput, VideoDownloadResult } from '../domain/video-download.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { latestRun, startTask } from '../tasks/start-task.ts';
import { downloadTaskId } from './task-id.ts';

/** What starting a download led to. */
export interface StartedDownload {
  readonly taskId: string;
  readonly runId: string;
  /** Whether the task was being done already and was joined. */
  readonly joined: boolean;
}

/**
 * Starts a download, or continues the one of the same URL and target: a running task is joined, an interrupted one
 * goes on from its checkpoint, a completed one is fetched again only when its file is gone or `force` is set.
 */
export async function startDownload(
  client: Client,
  taskQueue: string,
  input: VideoDownloadInput,
  taskId = downloadTaskId(input),
): Promise<StartedDownload> {
  const before = await latestRun(client, taskId);
  if (before?.runStatus === 'RUNNING') return { taskId, runId: before.runId, joined: true };
  const runId = await startTask(client, {
    taskId,
    taskType: 'video_download',
    workflowType: 'videoDownload',
    taskQueue,
    input: await continuation(client, input, before),
    data: {
      url: maskUrl(input.url),
      directory: input.directory,
      file_name: input.fileName ?? null,
      ...(input.session ? { session: sessionText(input.session) } : {}),
    },
    summary: `download ${maskUrl(input.url)}`,
  });
  return { taskId, runId, joined: false };
}

async function continuation(
  client: Client,
  input: VideoDownloadInput,
  before: TaskRecord | undefined,
): Promise<TaskInput<VideoDownloadInput>> {
  if (!before || input.force) return { task: input };
  const { checkpoint, recoveryAttempts, recoveryNotes } = before.state;
  if (before.runStatus === 'COMPLETED') {
    const published = await publishedBy(client, before);
    return { task: { ...input, published } };
  }
  return { task: input, recoveryAttempts, recoveryNotes, ...(checkpoint ? { checkpoint } : {}) };
}

async function publishedBy(client: Client, { taskId, runId }: TaskRecord): Promise<PublishedFile> {
  const result: VideoDownloadResult = await client.workflow.getHandle(taskId, runId).result();
  return { path: result.path, bytes: result.bytes, modifiedAtMs: result.modifiedAtMs };
}
