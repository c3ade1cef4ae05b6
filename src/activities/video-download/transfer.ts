import { RekindleError } from '../../domain/error-codes.ts';
import type { TransferResult } from '../../domain/video-download.ts';
import { type HttpSettings, type TransferProgress, transfer } from '../../download/index.ts';
import type { StepContext } from '../define-step.ts';
import type { ActivityDeps } from '../index.ts';
import type { TransferInput } from '../types.ts';
import type { DownloadRequests } from './http.ts';

/**
 * Fetches what is missing. The bytes on disk say themselves how far they are; the checkpoint carries what only this
 * step knows, so that the account of a task that was interrupted is whole.
 */
export function transferStep(
  deps: Pick<ActivityDeps, 'connections' | 'download'>,
  requests: DownloadRequests,
) {
  return async (input: TransferInput, step: StepContext): Promise<TransferResult> => {
    const limit = shorter(input.download.maxDurationMs, deps.download?.maxDurationMs);
    return await inTime(step, limit, (timed) => transferred(input, timed));
  };

  async function transferred(input: TransferInput, step: StepContext): Promise<TransferResult> {
    const { source, part, download } = input;
    const fetchedBefore = Math.max(input.bytesFetchedBefore, numberOf(step.previous.bytes_fetched));
    let stored = numberOf(step.previous.downloaded_bytes);
    let reconnects = 0;
    /** Bytes that came before, in other attempts or with another session. */
    let before = fetchedBefore;
    let fetched = 0;
    const onProgress = (progress: TransferProgress): void => {
      stored = progress.downloadedBytes;
      reconnects = progress.reconnects;
      fetched = progress.bytesFetched;
      step.report(fractionOf(progress), progress.downloadedBytes, checkpointData(progress, before));
    };
    const fetch = async (http: HttpSettings): Promise<TransferResult> => {
      step.countRetries(reconnects);
      before += fetched;
      [reconnects, fetched] = [0, 0];
      return await transfer({
        source,
        part,
        owner: step.taskId,
        connections: download.connections ?? deps.connections,
        http,
        signal: step.signal,
        onProgress,
        ...(download.limitRate === undefined ? {} : { limitRate: download.limitRate }),
      });
    };
    const result = await requests.run(download, step, () => stored, fetch);
    step.countRetries(reconnects);
    return { ...result, bytesFetched: before + result.bytesFetched };
  }
}

/** Ends the work when the step has taken longer than it may, however many attempts that were. */
async function inTime<T>(
  step: StepContext,
  limitMs: number | undefined,
  work: (step: StepContext) => Promise<T>,
): Promise<T> {
  if (limitMs === undefined) return await work(step);
  const over = new RekindleError('TOO_LONG', `the transfer has taken longer than ${limitMs / 1000} s`, {
    hint: 'Raise the limit (download.max_duration in the configuration, --max-duration) if that is meant.',
    facts: { limit_ms: limitMs },
  });
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(over), Math.max(0, step.scheduledAtMs + limitMs - Date.now()));
  try {
    return await work({ ...step, signal: AbortSignal.any([step.signal, timer.signal]) });
  } finally {
    clearTimeout(timeout);
  }
}

function shorter(a: number | undefined, b: number | null | undefined): number | undefined {
  const given = [a, b ?? undefined].filter((one) => one !== undefined);
  return given.length > 0 ? Math.min(...given) : undefined;
}

function fractionOf({ downloadedBytes, totalBytes }: TransferProgress): number {
  return totalBytes ? downloadedBytes / totalBytes : 0;
}

/** The documented fields, with what a later attempt adds to. */
function checkpointData(progress: TransferProgress, fetchedBefore: number) {
  return {
    downloaded_bytes: progress.downloadedBytes,
    chunk_index: progress.chunkIndex,
    total_size: progress.totalBytes,
    bytes_fetched: fetchedBefore + progress.bytesFetched,
  };
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
