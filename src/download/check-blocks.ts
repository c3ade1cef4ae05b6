import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { BlockMap } from './block-map.ts';

/** Reading so much at once keeps the event loop free. */
const PIECE_BYTES = 512 * 1024;

/**
 * Compares blocks of the part file with the checksums in the map, and clears those that differ: damaged by
 * hand, cut off, or lost in a power cut.
 * @param onBad called for each of them, after it has been cleared
 */
export async function checkBlocks(
  file: FileHandle,
  map: BlockMap,
  blocks: Iterable<number>,
  signal: AbortSignal,
  onBad: (block: number) => void = () => {},
): Promise<void> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (const block of blocks) {
    signal.throwIfAborted();
    if (await isGood(file, map, block, piece)) continue;
    map.clear(block);
    onBad(block);
  }
}

async function isGood(file: FileHandle, map: BlockMap, block: number, piece: Buffer): Promise<boolean> {
  const start = block * map.blockBytes;
  const length = map.lengthOf(block);
  let crc = 0;
  for (let done = 0; done < length; ) {
    const wanted = Math.min(PIECE_BYTES, length - done);
    // An unreadable sector is as good as a wrong one: the block is fetched again.
    const read = await file.read(piece, 0, wanted, start + done).catch(() => null);
    if (read === null || read.bytesRead === 0) return false;
    crc = crc32(piece.subarray(0, read.bytesRead), crc);
    done += read.bytesRead;
  }
  return crc === map.crcOf(block);
}
