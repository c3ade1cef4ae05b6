import { createHash } from 'node:crypto';
import { Random } from './random.ts';

/** Prime, so that no two blocks of a file are the same. */
const TILE_BYTES = 65_537;
const tiles = new Map<number, Buffer>();

/** Bytes [start, end) of the file with this seed: made when they are asked for, so files take no room. */
export function content(seed: number, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  const tile = tileOf(seed);
  for (let done = 0; done < bytes.length; ) {
    const from = (start + done) % TILE_BYTES;
    done += tile.copy(bytes, done, from, Math.min(TILE_BYTES, from + bytes.length - done));
  }
  return bytes;
}

/** SHA-256 of the whole file, lower-case hex. */
export function contentSha256(seed: number, size: number): string {
  const hash = createHash('sha256');
  for (let at = 0; at < size; at += TILE_BYTES)
    hash.update(content(seed, at, Math.min(size, at + TILE_BYTES)));
  return hash.digest('hex');
}

function tileOf(seed: number): Buffer {
  let tile = tiles.get(seed);
  if (!tile) {
    const random = new Random(seed);
    tile = Buffer.alloc(TILE_BYTES);
    for (let at = 0; at + 4 <= TILE_BYTES; at += 4)
      tile.writeUInt32LE(Math.floor(random.next() * 2 ** 32), at);
    tiles.set(seed, tile);
  }
  return tile;
}
