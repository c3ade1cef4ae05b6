/**
 * What workflows know of the activities: their names and types, nothing that runs.
 * The implementations are made by `createActivities` and checked against these types there.
 */
import type { StepOutcome } from '../domain/step.ts';
import type {
  PartFile,
  PublishedFile,
  Source,
  TransferResult,
  VideoDownloadInput,
} from '../domain/video-download.ts';

/** One step of a task. */
export type Step<I, T> = (input: I) => Promise<StepOutcome<T>>;

/** The steps of a download, in their order, and what its workflow asks beside. */
export interface VideoDownloadSteps {
  /** Asks the server what there is: size, validators, ranges, final URL, file name. */
  readonly probe: Step<VideoDownloadInput, Source>;
  /** Finds room and a name for it, and the unfinished file of an earlier run. */
  readonly reserve: Step<ReserveInput, PartFile>;
  /** Fetches what is missing. */
  readonly transfer: Step<TransferInput, TransferResult>;
  /** Checks length and checksum of the whole. */
  readonly verify: Step<VerifyInput, { readonly sha256: string | null }>;
  /** Puts it under its final name, at once and durably. */
  readonly publish: Step<PublishInput, PublishedFile>;
  /** Whether what an earlier run published is still there, untouched. */
  readonly recall: Step<PublishedFile, boolean>;
  /** Removes the unfinished file. */
  readonly discard: Step<PartFile, null>;
}

/** What {@link VideoDownloadSteps.reserve} is given. */
export interface ReserveInput {
  readonly source: Source;
  readonly download: VideoDownloadInput;
}

/** What {@link VideoDownloadSteps.transfer} is given. */
export interface TransferInput {
  readonly source: Source;
  readonly part: PartFile;
  readonly download: VideoDownloadInput;
  /** Bytes that earlier executions of this step received, before a pause. */
  readonly bytesFetchedBefore: number;
}

/** What {@link VideoDownloadSteps.verify} is given; `bytes` is the length of the whole. */
export interface VerifyInput {
  readonly part: PartFile;
  readonly bytes: number;
  readonly source: Source;
  readonly download: VideoDownloadInput;
}

/** What {@link VideoDownloadSteps.publish} is given; `bytes` is the length of the whole. */
export interface PublishInput {
  readonly part: PartFile;
  readonly bytes: number;
  readonly download: VideoDownloadInput;
}
