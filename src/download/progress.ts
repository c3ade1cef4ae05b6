/** How far a transfer is. */
export interface TransferProgress {
  /** Bytes of the file that are on disk, earlier attempts included. */
  readonly downloadedBytes: number;
  /** null: the server does not say. */
  readonly totalBytes: number | null;
  /** Whole blocks on disk. */
  readonly chunkIndex: number;
  /** Bytes received by this call, those fetched twice included. */
  readonly bytesFetched: number;
  /** Connections that were lost or refused and made again. */
  readonly reconnects: number;
  /** How often the transfer began again because the file had changed on the server. */
  readonly restarts: number;
}

/** Often enough for a progress bar, seldom enough to cost nothing. */
const REPORT_EVERY_MS = 200;

/** Counts what the lanes do, and tells whoever wants to know. */
export class ProgressCounter {
  bytesFetched = 0;
  reconnects = 0;
  restarts = 0;
  /** Where the bytes on disk are counted; changes when the transfer begins again. */
  #position: () => Pick<TransferProgress, 'downloadedBytes' | 'totalBytes' | 'chunkIndex'> = () => ({
    downloadedBytes: 0,
    totalBytes: null,
    chunkIndex: 0,
  });
  readonly #onProgress: (progress: TransferProgress) => void;
  #reportedAt = 0;

  constructor(onProgress: (progress: TransferProgress) => void) {
    this.#onProgress = onProgress;
  }

  follow(position: () => Pick<TransferProgress, 'downloadedBytes' | 'totalBytes' | 'chunkIndex'>): void {
    this.#position = position;
  }

  /** Something has moved; reported when the last report is old enough. */
  tick(): void {
    if (performance.now() - this.#reportedAt >= REPORT_EVERY_MS) this.report();
  }

  report(): void {
    this.#reportedAt = performance.now();
    const { bytesFetched, reconnects, restarts } = this;
    this.#onProgress({ ...this.#position(), bytesFetched, reconnects, restarts });
  }
}
