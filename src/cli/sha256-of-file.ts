import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

const CHUNK = 1024 * 1024;

/** SHA-256 of a file, lower-case hex; null when it cannot be read here (it may stand on the worker's machine). */
export async function sha256OfFile(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: CHUNK }), hash);
    return hash.digest('hex');
  } catch {
    return null;
  }
}
