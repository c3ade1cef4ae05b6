import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { HEADER_BYTES, type MapHeader } from './map-header.ts';
import type { Region } from './regions.ts';

const MIB = 1024 * 1024;
/** Smallest block; with it, files up to 8 GiB need a map of 64 KiB. */
const SMALLEST_BLOCK = MIB;
/** A record: CRC-32 and length of the block's prefix that is on disk, each 4 bytes, little-endian. */
const RECORD_BYTES = 8;
const MOST_BLOCKS = (64 * 1024) / RECORD_BYTES;

/** The block size for a file of `size` bytes: a power of two that keeps the map small. */
export function blockBytesFor(size: number): number {
  let bytes = SMALLEST_BLOCK;
  while (size / bytes > MOST_BLOCKS) bytes *= 2;
  return bytes;
}

/** Length of the map file. */
export function mapFileBytes(size: number, blockBytes: number): number {
  return HEADER_BYTES + Math.ceil(size / blockBytes) * RECORD_BYTES;
}

/**
 * Which bytes of the part file are there: of every block a prefix, with its CRC-32. Blocks grow at their
 * end only. Records go to the map file soon after the bytes have gone to the kernel, never before, so a
 * killed process loses at most what was on its way; a power cut is noticed by the CRC.
 */
export class BlockMap {
  readonly size: number;
  readonly blockBytes: number;
  readonly #handle: FileHandle;
  readonly #records: DataView;
  readonly #bytes: Buffer;
  #stored = 0;
  #dirtyFrom = Number.POSITIVE_INFINITY;
  #dirtyTo = 0;
  #flushing: Promise<void> | null = null;

  private constructor(handle: FileHandle, header: MapHeader, bytes: Buffer) {
    this.#handle = handle;
    this.size = header.size ?? 0;
    this.blockBytes = header.blockBytes;
    this.#bytes = bytes;
    this.#records = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let block = 0; block < this.blocks; block++) {
      if (this.lengthOf(block) > this.blockLength(block)) this.#set(block, 0, 0);
      this.#stored += this.lengthOf(block);
    }
  }

  /** The map in an open map file whose header has been read. Takes over the handle. */
  static async load(handle: FileHandle, header: MapHeader): Promise<BlockMap> {
    const bytes = Buffer.alloc(mapFileBytes(header.size ?? 0, header.blockBytes) - HEADER_BYTES);
    // A file that is too short leaves zeros, which mean "missing".
    await handle.read(bytes, 0, bytes.length, HEADER_BYTES);
    return new BlockMap(handle, header, bytes);
  }

  get blocks(): number {
    return Math.ceil(this.size / this.blockBytes);
  }

  /** Bytes of the file that are on disk. */
  get stored(): number {
    return this.#stored;
  }

  /** Blocks that are whole. */
  get wholeBlocks(): number {
    let whole = 0;
    for (let block = 0; block < this.blocks; block++) if (this.isWhole(block)) whole++;
    return whole;
  }

  isWhole(block: number): boolean {
    return this.lengthOf(block) === this.blockLength(block);
  }

  blockLength(block: number): number {
    return Math.min(this.blockBytes, this.size - block * this.blockBytes);
  }

  lengthOf(block: number): number {
    return this.#records.getUint32(block * RECORD_BYTES + 4, true);
  }

  crcOf(block: number): number {
    return this.#records.getUint32(block * RECORD_BYTES, true);
  }

  /** Blocks of which something is on disk. */
  *begun(): Generator<number> {
    for (let block = 0; block < this.blocks; block++) if (this.lengthOf(block) > 0) yield block;
  }

  /** What is missing, in order. */
  *missing(): Generator<Region> {
    for (let block = 0; block < this.blocks; block++) {
      const start = block * this.blockBytes;
      const length = this.lengthOf(block);
      if (length < this.blockLength(block)) {
        yield { position: start + length, end: start + this.blockLength(block) };
      }
    }
  }

  /**
   * `chunk` has been written at `offset`, right behind what its block has already.
   * @throws RangeError when it does not follow, which would be an error of ours
   */
  append(offset: number, chunk: Uint8Array): void {
    for (let done = 0; done < chunk.length; ) {
      const block = Math.floor((offset + done) / this.blockBytes);
      const length = this.lengthOf(block);
      if (block * this.blockBytes + length !== offset + done) {
        throw new RangeError(`byte ${offset + done} does not follow the ${length} bytes of block ${block}`);
      }
      const piece = chunk.subarray(done, done + this.blockLength(block) - length);
      if (piece.length === 0) throw new RangeError(`block ${block} is whole already`);
      this.#set(block, length + piece.length, crc32(piece, this.crcOf(block)));
      this.#stored += piece.length;
      done += piece.length;
    }
    this.#flushSoon();
  }

  /** The bytes of `block` turned out to be wrong: all of it is missing again. */
  clear(block: number): void {
    this.#stored -= this.lengthOf(block);
    this.#set(block, 0, 0);
    this.#flushSoon();
  }

  #set(block: number, length: number, crc: number): void {
    this.#records.setUint32(block * RECORD_BYTES, crc, true);
    this.#records.setUint32(block * RECORD_BYTES + 4, length, true);
    this.#dirtyFrom = Math.min(this.#dirtyFrom, block * RECORD_BYTES);
    this.#dirtyTo = Math.max(this.#dirtyTo, (block + 1) * RECORD_BYTES);
  }

  /** One write at a time: records that change meanwhile go together with the next one. */
  #flushSoon(): void {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null;
    });
    // Whoever closes the map gets the error; until then the write is tried again with the next change.
    this.#flushing.catch(() => {});
  }

  async #flush(): Promise<void> {
    while (this.#dirtyFrom < this.#dirtyTo) {
      const from = this.#dirtyFrom;
      const copy = Buffer.from(this.#bytes.subarray(from, this.#dirtyTo));
      this.#dirtyFrom = Number.POSITIVE_INFINITY;
      this.#dirtyTo = 0;
      try {
        await this.#handle.write(copy, 0, copy.length, HEADER_BYTES + from);
      } catch (error) {
        this.#dirtyFrom = Math.min(this.#dirtyFrom, from);
        this.#dirtyTo = Math.max(this.#dirtyTo, from + copy.length);
        throw error;
      }
    }
  }

  /** Writes what is not in the file yet and closes it. */
  async close(): Promise<void> {
    try {
      await this.#flushing?.catch(() => {});
      await this.#flush();
    } finally {
      await this.#handle.close();
    }
  }
}
