import { dirname } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { RekindleError } from '../domain/error-codes.ts';
import type { PartFile, Source } from '../domain/video-download.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { getAgain } from './client-lane.ts';
import { codingOf, decoderOf } from './content-coding.ts';
import { onDisk } from './disk-error.ts';
import { type Answer, release } from './http-client.ts';
import { HttpStatusError } from './http-status-error.ts';
import type { LaneContext } from './lane.ts';
import { refuseTooLarge } from './limits.ts';
import { connectionLost, networkError } from './network-error.ts';
import { checkFreeSpace, createPart, openPart, targetBusy } from './part-file.ts';
import { writeFully } from './part-writer.ts';
import { wholeSource } from './probe.ts';
import type { ProgressCounter } from './progress.ts';
import type { Throttle } from './throttle.ts';

/**
 * Fetches the whole file over one connection, for servers that serve no ranges or don't know the length.
 * Such a transfer can't go on later: each attempt begins at the first byte.
 * @returns the version that was fetched, and its length
 */
export async function sequentialTransfer(
  context: Omit<LaneContext, 'writer'>,
  part: PartFile,
  owner: string,
  throttle: Throttle,
  progress: ProgressCounter,
): Promise<{ source: Source; bytes: number }> {
  const answer = await getAgain(context, {});
  try {
    if (answer.status >= 400) throw new HttpStatusError(answer.status, answer.headers, answer.url);
    if (answer.status !== 200) {
      throw new RekindleError(
        'HTTP_PROTOCOL',
        `${maskUrl(answer.url)} answered a plain request with ${answer.status}`,
      );
    }
    const source = wholeSource(context.source.url, answer);
    const bytes = await save(answer, source, { context, part, owner, throttle, progress });
    return { source: { ...source, size: bytes }, bytes };
  } catch (error) {
    context.signal.throwIfAborted();
    throw networkError(error, answer.url);
  } finally {
    release(answer);
  }
}

interface Destination {
  readonly context: Omit<LaneContext, 'writer'>;
  readonly part: PartFile;
  readonly owner: string;
  readonly throttle: Throttle;
  readonly progress: ProgressCounter;
}

async function save(answer: Answer, source: Source, to: Destination): Promise<number> {
  const { part, owner, progress, throttle } = to;
  const { maxBytes } = to.context.http;
  refuseTooLarge(source.size, maxBytes, answer.url);
  await checkFreeSpace(dirname(part.partPath), source.size ?? 0, 0);
  await createPart(part, source, owner, true);
  const open = await openPart(part);
  if (open === null) throw targetBusy(part, 'another task');
  let bytes = 0;
  progress.follow(() => ({ downloadedBytes: bytes, totalBytes: source.size, chunkIndex: 0 }));
  try {
    for await (const chunk of contentOf(answer)) {
      progress.bytesFetched += chunk.length;
      refuseTooLarge(bytes + chunk.length, maxBytes, answer.url);
      const wait = throttle.take(chunk.length);
      await onDisk(part.partPath, () => writeFully(open.file, bytes, chunk));
      bytes += chunk.length;
      progress.tick();
      if (source.size !== null && bytes > source.size) throw wrongLength(answer, bytes, source.size);
      if (wait > 0) await sleep(wait, undefined, { signal: to.context.signal });
    }
  } finally {
    await open.file.close();
    await open.map.close();
  }
  if (source.size !== null && bytes < source.size) throw connectionLost(answer.url);
  return bytes;
}

/** The file's bytes: the body, decoded when the server compressed it unasked. */
function contentOf(answer: Answer): AsyncIterable<Buffer> {
  const coding = codingOf(answer);
  if (coding === null) return answer.body;
  const decoded: Readable = pipeline(answer.body, decoderOf(coding, answer.url), () => {
    // The reader of the decoded stream gets the error.
  });
  return decoded;
}

function wrongLength(answer: Answer, bytes: number, announced: number): RekindleError {
  return new RekindleError(
    'LENGTH_MISMATCH',
    `${maskUrl(answer.url)} announced ${announced} bytes and sent at least ${bytes}`,
  );
}
