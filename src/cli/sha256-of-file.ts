import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { hashFile } from '../download/hash-file.ts';

/** SHA-256 of a file, lower-case hex; null when it cannot be read here (it may stand on the worker's machine). */
export async function sha256OfFile(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await using file = await open(path);
    await hashFile(file, hash);
    return hash.digest('hex');
  } catch {
    return null;
  }
}
