import type { BlockMap } from './block-map.ts';
import { onDisk } from './disk-error.ts';
import type { OpenPart } from './part-file.ts';
import type { ProgressCounter } from './progress.ts';
import type { Throttle } from './throttle.ts';

/** Where the lanes bring their bytes. */
export class PartWriter {
  readonly map: BlockMap;
  readonly #open: OpenPart;
  readonly #path: string;
  readonly #progress: ProgressCounter;
  readonly #throttle: Throttle;

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
    const missing = this.map.size - this.map.stored;
    await onDisk(this.#path, () => writeFully(this.#open.file, offset, chunk), missing);
    this.map.append(offset, chunk);
    this.#progress.tick();
  }
}

/** A write may take less than it was given, at a quota's edge for example. */
export async function writeFully(file: OpenPart['file'], offset: number, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, offset + done);
    done += bytesWritten;
  }
}
