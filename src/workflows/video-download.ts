import type { VideoDownloadSteps } from '../activities/types.ts';
import type { JsonObject } from '../domain/json.ts';
import type { TaskInput } from '../domain/task-state.ts';
import {
  type PartFile,
  type TransferResult,
  VIDEO_DOWNLOAD_STEPS,
  type VideoDownloadInput,
  type VideoDownloadResult,
} from '../domain/video-download.ts';
import { proxySteps } from './proxy-steps.ts';
import { runTask, type TaskRun } from './task-run.ts';

type Run = TaskRun<(typeof VIDEO_DOWNLOAD_STEPS)[number]['name']>;

const steps = proxySteps<VideoDownloadSteps>();

/** Downloads a file in resumable steps: probe → reserve → transfer → verify → publish. */
export async function videoDownload(input: TaskInput<VideoDownloadInput>): Promise<VideoDownloadResult> {
  let part: PartFile | undefined;
  return runTask({
    taskType: 'video_download',
    steps: VIDEO_DOWNLOAD_STEPS,
    input,
    work: (run) =>
      download(run, input.task, (reserved) => {
        part = reserved;
      }),
    discard: async () => {
      if (part) await steps.discard(part);
    },
  });
}

async function download(
  run: Run,
  task: VideoDownloadInput,
  onReserved: (part: PartFile) => void,
): Promise<VideoDownloadResult> {
  const there = await publishedBefore(task);
  if (there) return there;

  const source = await run.step('probe', () => steps.probe(task));
  const part = await run.step('reserve', () => steps.reserve({ source, download: task }));
  onReserved(part);
  const moved = await run.step(
    'transfer',
    () => steps.transfer({ source, part, download: task, bytesFetchedBefore: bytesFetchedSoFar(run) }),
    transferCheckpoint,
  );
  const checked = await run.step('verify', () =>
    steps.verify({ part, bytes: moved.bytes, source: moved.source, download: task }),
  );
  const file = await run.step('publish', () => steps.publish({ part, bytes: moved.bytes, download: task }));
  return { ...file, ...accountOf(moved), sha256: checked.sha256, retries: run.retries, alreadyThere: false };
}

function accountOf(
  moved: TransferResult,
): Pick<VideoDownloadResult, 'resumed' | 'restarts' | 'bytesFetched'> {
  const { resumed, restarts, bytesFetched } = moved;
  return { resumed, restarts, bytesFetched };
}

function transferCheckpoint(moved: TransferResult): JsonObject {
  return { downloaded_bytes: moved.bytes, total_size: moved.bytes, bytes_fetched: moved.bytesFetched };
}

/** The transfer counts what it received in its checkpoint, so that a pause does not forget it. */
function bytesFetchedSoFar(run: Run): number {
  const counted = run.checkpointOf('transfer')?.bytes_fetched;
  return typeof counted === 'number' ? counted : 0;
}

async function publishedBefore(task: VideoDownloadInput): Promise<VideoDownloadResult | undefined> {
  if (!task.published || task.force) return undefined;
  const { value: untouched } = await steps.recall(task.published);
  if (!untouched) return undefined;
  return {
    ...task.published,
    sha256: null,
    resumed: false,
    restarts: 0,
    bytesFetched: 0,
    retries: 0,
    alreadyThere: true,
  };
}
