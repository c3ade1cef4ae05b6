import { dirname } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import type { PartFile, Source, TransferResult } from '../domain/video-download.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { refuseMoved } from './confine.ts';
import { onDisk } from './disk-error.ts';
import { HttpClient } from './http-client.ts';
import type { HttpSettings } from './http-settings.ts';
import type { LaneContext } from './lane.ts';
import { continues } from './map-header.ts';
import { checkFreeSpace, createPart, type OpenPart, openPart, readMap, targetBusy } from './part-file.ts';
import { PartWriter } from './part-writer.ts';
import { probeSource } from './probe.ts';
import { ProgressCounter, type TransferProgress } from './progress.ts';
import { RangesIgnored, SourceChanged } from './range-answer.ts';
import { RangedTransfer } from './ranged-transfer.ts';
import { sequentialTransfer } from './sequential-transfer.ts';
import { Throttle } from './throttle.ts';

/** A file that has changed so often while it was fetched is being written; better come back later. */
const MOST_VERSIONS = 3;

export interface TransferInput {
  /** As probed, or as an earlier attempt returned it. */
  readonly source: Source;
  readonly part: PartFile;
  /** Id of the task; must be the one that reserved the part file. */
  readonly owner: string;
  /** Connections at once, at most. */
  readonly connections: number;
  /** Bytes per second over all connections together. @default no limit */
  readonly limitRate?: number;
  readonly http: HttpSettings;
  /** Aborting keeps what has been received; the promise is rejected with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called at most every 200 ms, and once at the end however it ends. */
  readonly onProgress: (progress: TransferProgress) => void;
}

/**
 * Brings the bytes that the part file lacks. Goes on from what is there after checking it; begins again by
 * itself when the file changes on the server.
 *
 * A connection that is lost is made again while any connection gets further, so an error means that none
 * did. Everything received is on disk by then, and calling it again goes on from there.
 * @throws HttpStatusError; RekindleError CONNECTION_LOST, STALLED, HTTP_PROTOCOL, LENGTH_MISMATCH,
 *   SOURCE_CHANGED (three times in one call), REDIRECT_LOOP, DISK_FULL, NOT_WRITABLE, TARGET_BUSY,
 *   TARGET_OUTSIDE; the system's error when no connection could be made; the signal's reason
 */
export async function transfer(input: TransferInput): Promise<TransferResult> {
  const progress = new ProgressCounter(input.onProgress);
  await refuseMoved(input.part);
  const client = new HttpClient(input.http);
  try {
    return await new Versions(input, client, progress).fetch();
  } finally {
    progress.report();
    await client.close();
  }
}

/** One call of {@link transfer}: the version that was asked for, and those that come after it. */
class Versions {
  readonly #input: TransferInput;
  readonly #client: HttpClient;
  readonly #progress: ProgressCounter;
  readonly #throttle: Throttle;

  constructor(input: TransferInput, client: HttpClient, progress: ProgressCounter) {
    this.#input = input;
    this.#client = client;
    this.#progress = progress;
    this.#throttle = new Throttle(input.limitRate);
  }

  async fetch(): Promise<TransferResult> {
    const { signal, http } = this.#input;
    for (let source = await this.#begunVersion(); ; ) {
      try {
        return source.acceptsRanges && source.size !== null
          ? await this.#ranged(source)
          : await this.#sequential(source);
      } catch (error) {
        if (error instanceof RangesIgnored) {
          source = { ...source, acceptsRanges: false };
        } else if (error instanceof SourceChanged) {
          this.#progress.restarts++;
          if (this.#progress.restarts >= MOST_VERSIONS) throw keepsChanging(source, error);
          source = await probeSource(source.url, http, signal);
        } else {
          throw error;
        }
      }
    }
  }

  /**
   * The version to go on with. An attempt that failed after the file had changed could not tell anybody:
   * then the part file belongs to a later version than the one we are asked for.
   */
  async #begunVersion(): Promise<Source> {
    const { source, part, http, signal } = this.#input;
    const header = (await readMap(part))?.header ?? null;
    if (header === null || continues(header, source)) return source;
    return probeSource(source.url, http, signal);
  }

  async #ranged(source: Source): Promise<TransferResult> {
    const { part, connections } = this.#input;
    const open = await this.#open(source);
    const resumedFrom = open.map.stored;
    this.#progress.follow(() => ({
      downloadedBytes: open.map.stored,
      totalBytes: source.size,
      chunkIndex: open.map.wholeBlocks,
    }));
    try {
      const writer = new PartWriter(open, part.partPath, this.#progress, this.#throttle);
      const context = { ...this.#context(source), writer };
      await new RangedTransfer(context, open, this.#progress, connections).run();
      // A file that somebody lengthened or cut by hand while its last bytes were on their way.
      await open.file.truncate(open.map.size);
    } catch (error) {
      // The reason counts, not that the records of a full disk could not be written either.
      await closeAll(open).catch(() => {});
      throw error;
    }
    await onDisk(part.mapPath, () => closeAll(open));
    return this.#result(source, open.map.size, resumedFrom > 0);
  }

  async #sequential(source: Source): Promise<TransferResult> {
    const { part, owner } = this.#input;
    await this.#refuseForeign();
    const context = this.#context(source);
    const done = await sequentialTransfer(context, part, owner, this.#throttle, this.#progress);
    return this.#result(done.source, done.bytes, false);
  }

  #context(source: Source): Omit<LaneContext, 'writer'> {
    const { http, signal } = this.#input;
    return { source, http, signal, client: this.#client };
  }

  #result(source: Source, bytes: number, resumed: boolean): TransferResult {
    const { bytesFetched, restarts } = this.#progress;
    return { bytes, bytesFetched, resumed, restarts, source };
  }

  /** The part file for this version; an empty one when what is there is damaged or of another version. */
  async #open(source: Source): Promise<OpenPart> {
    const { part, owner } = this.#input;
    await this.#refuseForeign();
    const found = await openPart(part);
    if (found !== null && continues(found.header, source)) return found;
    if (found !== null) await closeAll(found);
    await checkFreeSpace(dirname(part.partPath), source.size ?? 0, 0);
    await createPart(part, source, owner, true);
    const created = await openPart(part);
    if (created === null) throw targetBusy(part, 'another task');
    return created;
  }

  /** Another task may have taken over a part file that this one had left for long. */
  async #refuseForeign(): Promise<void> {
    const { part, owner } = this.#input;
    const header = (await readMap(part))?.header;
    if (header && header.owner !== owner) throw targetBusy(part, `the task ${header.owner}`);
  }
}

async function closeAll(open: OpenPart): Promise<void> {
  try {
    await open.map.close();
  } finally {
    await open.file.close();
  }
}

function keepsChanging(source: Source, cause: SourceChanged): RekindleError {
  return new RekindleError(
    'SOURCE_CHANGED',
    `${maskUrl(source.url)} changed ${MOST_VERSIONS} times while it was fetched: ${cause.message}`,
    { hint: 'Wait until the file is complete on the server.', cause },
  );
}
