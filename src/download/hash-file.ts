import type { Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** Hashing so much takes under a millisecond or two, so that heartbeats and other tasks are never held up. */
const PIECE_BYTES = 512 * 1024;

/**
 * Feeds a whole file to `hash`. The next piece is read by the thread pool while one is hashed here: 1 GiB takes
 * about as long as its hashing alone.
 * @throws the signal's reason; what reading throws
 */
export async function hashFile(file: FileHandle, hash: Hash, signal?: AbortSignal): Promise<void> {
  let current = Buffer.allocUnsafe(PIECE_BYTES);
  let other = Buffer.allocUnsafe(PIECE_BYTES);
  for (let { bytesRead } = await read(file, current); bytesRead > 0; ) {
    signal?.throwIfAborted();
    const next = read(file, other);
    hash.update(current.subarray(0, bytesRead));
    ({ bytesRead } = await next);
    [current, other] = [other, current];
  }
}

function read(file: FileHandle, piece: Buffer): Promise<{ bytesRead: number }> {
  return file.read(piece, 0, PIECE_BYTES);
}
