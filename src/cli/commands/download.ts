import type { DownloadRequest } from '../../client/download-input.ts';
import type { TaskHandle } from '../../client/task-handle.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { VideoDownloadResult } from '../../domain/video-download.ts';
import type { CommandContext } from '../context.ts';
import { type DownloadOptions, requestsOf } from '../downloads.ts';
import { EXIT } from '../exit-codes.ts';
import { DownloadBoard, durationOf, type EndedDownload } from '../follow.ts';
import type { CommandAction } from '../program.ts';
import { openRuntime, type Runtime, requireService } from '../runtime.ts';
import { sha256OfFile } from '../sha256-of-file.ts';

/** Starts or continues downloads and follows them to their end. */
export const run: CommandAction<DownloadOptions> = async (context, urls, options) => {
  const requests = await requestsOf(urls, options);
  if (options.detach) return detach(context, requests);
  const runtime = await openRuntime(context, {
    engine: 'ensured',
    worker: 'if-none',
    mirror: true,
    purpose: 'rekindle download',
  });
  try {
    const ended = await followAll(context, runtime, requests);
    await report(context, ended);
    return ended.every(({ result }) => result) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!context.signal.aborted) throw error;
    context.output.status(undefined);
    context.output.say(context.output.texts.interrupted);
    return EXIT.interrupted;
  } finally {
    context.output.status(undefined);
    await runtime.close();
  }
};

/** Starts the tasks beside a running `up` and leaves them to it. */
async function detach(context: CommandContext, requests: readonly DownloadRequest[]): Promise<number> {
  requireService(context);
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle download' });
  try {
    const tasks = await Promise.all(requests.map((request) => runtime.client.download(request)));
    const ids = tasks.map(({ taskId }) => taskId);
    context.output.result(
      ids.length === 1 && ids[0] ? { task_id: ids[0], task_ids: ids } : { task_ids: ids },
      ids.map((id) => context.output.texts.started(id)),
    );
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
}

async function followAll(
  { output, signal }: CommandContext,
  { client }: Runtime,
  requests: readonly DownloadRequest[],
): Promise<EndedDownload[]> {
  const board = new DownloadBoard(output, requests.length);
  const follow = async (request: DownloadRequest): Promise<EndedDownload> => {
    const task = await client.download(request);
    await resumeIfPaused(task);
    return board.follow(task, request.url, signal);
  };
  return await Promise.all(requests.map(follow));
}

/** Starting a task again continues it, also when somebody had paused it. */
async function resumeIfPaused(task: TaskHandle<VideoDownloadResult>): Promise<void> {
  const { view } = await task.show();
  if (view.status === 'paused') await task.resume();
}

async function report({ output }: CommandContext, ended: readonly EndedDownload[]): Promise<void> {
  if (!output.json) return;
  const results = await Promise.all(ended.map(jsonOf));
  const [only] = results;
  if (only && results.length === 1) return output.result(only);
  const completed = ended.filter(({ result }) => result).length;
  output.result({ downloads: results, completed, failed: ended.length - completed });
}

async function jsonOf({ view, result }: EndedDownload): Promise<JsonObject> {
  const common = { task_id: view.task_id, status: view.status };
  const rest = { duration_ms: durationOf(view), retries: result?.retries ?? view.retry_count };
  if (!result) {
    const error = { ...view.last_error } as JsonObject;
    return {
      ...common,
      path: null,
      bytes: null,
      sha256: null,
      ...rest,
      resumed: false,
      bytes_fetched: null,
      error,
    };
  }
  return {
    ...common,
    path: result.path,
    bytes: result.bytes,
    // What stands there now; the task hashed it itself only when it had a checksum to compare with.
    sha256: result.sha256 ?? (await sha256OfFile(result.path)),
    ...rest,
    resumed: result.resumed,
    bytes_fetched: result.bytesFetched,
    already_there: result.alreadyThere,
  };
}
