import type { BlockMap } from './block-map.ts';
import { onDisk } from './disk-error.ts';
import type { OpenPart } from './part-file.ts';
import type { ProgressCounter } from './progress.ts';
import type { Throttle } from './throttle.ts';

/**
 * So many bytes are sent to the disk at once, while more arrive. Then little is left to sync when the file
 * gets its name (measured for 1 GiB: 30 ms instead of 400 ms), and a power cut takes less away.
 */
const SYNC_EVERY_BYTES = 64 * 1024 * 1024;

/** Where the lanes bring their bytes. */
export class PartWriter {
  readonly map: BlockMap;
  readonly #open: OpenPart;
  readonly #path: string;
  readonly #progress: ProgressCounter;
  readonly #throttle: Throttle;
  #unsynced = 0;
  #syncing: Promise<void> | null = null;
  #syncFailure: unknown = null;

  constructor(open: OpenPart, path: string, progress: ProgressCounter, throttle: Throttle) {
    this.map = open.map;
    this.#open = open;
    this.#path = path;
    this.#progress = progress;
    this.#throttle = throttle;
  }

  /** `bytes` have arrived. Returns how long to wait before reading on, ms. */
  received(bytes: number): number {
    this.#progress.bytesFetched += bytes;
    return this.#throttle.take(bytes);
  }

  /** The largest read that keeps the rate limit even. */
  pieceBytes(most: number): number {
    return this.#throttle.pieceBytes(most);
  }

  /** Writes `chunk` at `offset` and then records it. @throws RekindleError DISK_FULL, NOT_WRITABLE */
  async write(offset: number, chunk: Uint8Array): Promise<void> {
    await onDisk(this.#path, async () => {
      if (this.#syncFailure !== null) throw this.#syncFailure;
      await writeFully(this.#open.file, offset, chunk);
    });
    this.map.append(offset, chunk);
    this.#unsynced += chunk.length;
    if (this.#unsynced >= SYNC_EVERY_BYTES && this.#syncing === null) this.#syncing = this.#sync();
    this.#progress.tick();
  }

  /** Waits for the last sync. The system reports a failed one only once, so its error must not get lost. */
  async finish(): Promise<void> {
    await this.#syncing;
    await onDisk(this.#path, async () => {
      if (this.#syncFailure !== null) throw this.#syncFailure;
    });
  }

  async #sync(): Promise<void> {
    this.#unsynced = 0;
    try {
      await this.#open.file.datasync();
    } catch (error) {
      this.#syncFailure = error;
    }
    this.#syncing = null;
  }
}

/** A write may take less than it was given, at a quota's edge for example. */
export async function writeFully(file: OpenPart['file'], offset: number, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, offset + done);
    done += bytesWritten;
  }
}
