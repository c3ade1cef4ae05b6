import type { DownloadRequest } from '../../client/download-input.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { TaskView } from '../../domain/task-record.ts';
import { inSlots } from '../../tasks/in-slots.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { type DownloadOptions, requestsOf } from '../downloads.ts';
import { EXIT } from '../exit-codes.ts';
import { DownloadBoard, durationOf, type EndedDownload } from '../follow.ts';
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
  let followed: readonly TaskView[] = [];
  let exitCode: number = EXIT.interrupted;
  try {
    const ended = await followAll(context, runtime, requests);
    followed = ended.map(({ view }) => view);
    await report(context, ended);
    exitCode = ended.every(({ result }) => result) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!context.signal.aborted) throw error;
  } finally {
    await runtime.close(followed);
  }
  // Only now is it true that everything fetched is kept.
  if (exitCode === EXIT.interrupted) context.output.interrupted(context.output.texts.downloadInterrupted);
  return exitCode;
};

/** Downloads followed at once. More wait for their turn: a worker does not do more steps at once than about this. */
const FOLLOWED_AT_ONCE = 64;
/** Starts under way at once; each is a few calls to the server. */
const STARTED_AT_ONCE = 16;

/** Starts the tasks beside a running `up` and leaves them to it. */
async function detach(context: CommandContext, requests: readonly DownloadRequest[]): Promise<number> {
  requireService(context);
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle download' });
  try {
    const tasks = await inSlots(requests, STARTED_AT_ONCE, (request) => runtime.client.download(request));
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
  const board = new DownloadBoard(output, requests.length, signal);
  const ended = inSlots(requests, FOLLOWED_AT_ONCE, async (request) =>
    board.follow(await client.download(request), request.url),
  );
  return await board.drawUntil(ended);
}

/** Files read at once for their SHA-256. */
const HASHED_AT_ONCE = 4;

async function report({ output }: CommandContext, ended: readonly EndedDownload[]): Promise<void> {
  if (!output.json) return;
  const results = await inSlots(ended, HASHED_AT_ONCE, jsonOf);
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
    restarts: result.restarts,
    already_there: result.alreadyThere,
  };
}
