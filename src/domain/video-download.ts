import type { StepSpec } from './progress.ts';
import type { SessionName } from './session.ts';

/** The steps of a download. Transfer is nearly all of the work; the shares only shape the progress bar. */
export const VIDEO_DOWNLOAD_STEPS = [
  { name: 'probe', share: 1 },
  { name: 'reserve', share: 1 },
  { name: 'transfer', share: 94 },
  { name: 'verify', share: 3 },
  { name: 'publish', share: 1 },
] as const satisfies readonly StepSpec[];

/** What the `video_download` task is asked to do. */
export interface VideoDownloadInput {
  /** http or https. */
  readonly url: string;
  /** Absolute directory that the result must lie in. */
  readonly directory: string;
  /** Name of the result. @default from Content-Disposition, else from the URL */
  readonly fileName?: string;
  /** Expected SHA-256, 64 hex digits. */
  readonly sha256?: string;
  /** Connections at once. @default 4 */
  readonly connections?: number;
  /** Bytes per second over all connections together. @default no limit */
  readonly limitRate?: number;
  /** Replace a target that exists, and fetch again what is complete. @default false */
  readonly force?: boolean;
  /** Session with a site that requests show to it. */
  readonly session?: SessionName;
  /** A larger file is not fetched, in bytes. @default as configured */
  readonly maxBytes?: number;
  /** The transfer may not take longer, waits and retries included, in ms. @default as configured */
  readonly maxDurationMs?: number;
  /**
   * Whether somebody asked for it who may not reach what this machine can: private addresses are refused unless
   * `network.allow` names them, and the target must lie in one of `download.directories`. @default false
   */
  readonly untrusted?: boolean;
  /** What an earlier, completed run of the same task published: fetched again only when it is gone. */
  readonly published?: PublishedFile;
}

/** The file on the server, as probed. */
export interface Source {
  readonly url: string;
  /** After redirects. */
  readonly finalUrl: string;
  /** null: the server does not say. */
  readonly size: number | null;
  /** Only a strong ETag can prove that two answers are the same file (RFC 9110 §8.8.3). */
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Whether the server answered a range request with 206. */
  readonly acceptsRanges: boolean;
  /** Safe file name proposed by the server or the URL. */
  readonly suggestedName: string;
  /** Checksum of the whole file that a server header gives; lower-case hex. */
  readonly digest: { readonly algorithm: 'sha256' | 'md5'; readonly value: string } | null;
}

/** The unfinished file on disk. */
export interface PartFile {
  readonly targetPath: string;
  readonly partPath: string;
  /** Records which blocks of the part file are whole. */
  readonly mapPath: string;
}

/** What a transfer did. */
export interface TransferResult {
  /** Length of the file. */
  readonly bytes: number;
  /** Bytes received in this run of the task, those fetched twice included. */
  readonly bytesFetched: number;
  /** Whether it went on from bytes an earlier attempt or run had left. */
  readonly resumed: boolean;
  /** How often the file changed on the server meanwhile, so that it had to start over. */
  readonly restarts: number;
  /** The validators that the bytes belong to; they differ from the probe's when the file changed half-way. */
  readonly source: Source;
}

/** A file that stands under its final name. */
export interface PublishedFile {
  readonly path: string;
  readonly bytes: number;
  /** Modification time, ms since the epoch, to notice that somebody replaced it. */
  readonly modifiedAtMs: number;
}

/** What the `video_download` task returns. */
export interface VideoDownloadResult extends PublishedFile {
  /** Lower-case hex, when the file was checked against one; null otherwise. */
  readonly sha256: string | null;
  readonly resumed: boolean;
  readonly bytesFetched: number;
  /** How often the file changed on the server while it was fetched, so that it had to start over. */
  readonly restarts: number;
  readonly retries: number;
  /** True when the file was there already and nothing was fetched. */
  readonly alreadyThere: boolean;
}
