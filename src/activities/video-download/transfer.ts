import type { TransferResult } from '../../domain/video-download.ts';
import { type TransferProgress, transfer } from '../../download/index.ts';
import type { StepContext } from '../define-step.ts';
import type { ActivityDeps } from '../index.ts';
import type { TransferInput } from '../types.ts';

/**
 * Fetches what is missing. The bytes on disk say themselves how far they are; the checkpoint carries what only this
 * step knows, so that the account of a task that was interrupted is whole.
 */
export function transferStep(deps: Pick<ActivityDeps, 'http' | 'connections'>) {
  return async (input: TransferInput, step: StepContext): Promise<TransferResult> => {
    const { source, part, download } = input;
    const fetchedBefore = Math.max(input.bytesFetchedBefore, numberOf(step.previous.bytes_fetched));
    let reconnects = 0;
    const result = await transfer({
      source,
      part,
      owner: step.taskId,
      connections: download.connections ?? deps.connections,
      http: deps.http,
      signal: step.signal,
      onProgress: (progress) => {
        reconnects = progress.reconnects;
        step.report(fractionOf(progress), progress.downloadedBytes, checkpointData(progress, fetchedBefore));
      },
      ...(download.limitRate === undefined ? {} : { limitRate: download.limitRate }),
    });
    step.countRetries(reconnects);
    return { ...result, bytesFetched: fetchedBefore + result.bytesFetched };
  };
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
