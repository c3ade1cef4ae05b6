import { createHash, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import type { EncryptionKey } from './encryption-settings.ts';
import { KEY_BYTES, keyBytes } from './key-bytes.ts';
import { readPrivate } from './references.ts';
import { Secret } from './secret.ts';

/** Where the key of a data directory stands, for those who configured none. */
export function keyFileOf(dataDir: string): string {
  return join(dataDir, 'keys', 'session.key');
}

/**
 * Reads a key from a file of its owner's.
 * @returns undefined when there is no such file.
 * @throws {RekindleError} SECRET_UNREADABLE when it holds no key, or others may read it.
 */
export function readKeyFile(path: string): EncryptionKey | undefined {
  if (!existsSync(path)) return undefined;
  const text = read(path).trim();
  const bytes = keyBytes(text);
  if (!bytes) throw unreadable(`the key file ${path} holds no key`, LOST);
  // Named after its content: with another file in this place, what the lost key sealed is known to be lost.
  const id = `local-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}`;
  return { id, key: new Secret(text) };
}

/** Makes the key when there is none; of several processes that do so at once, all get the same. */
export function makeKeyFile(path: string): EncryptionKey {
  const there = readKeyFile(path);
  if (there) return there;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const own = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  writeFileSync(own, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flush: true });
  try {
    // Unlike a rename, a link never replaces what another process has put there meanwhile.
    linkSync(own, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
  return readKeyFile(path) as EncryptionKey;
}

function read(path: string): string {
  try {
    return readPrivate(path);
  } catch (error) {
    throw unreadable(`the key file ${(error as Error).message}`, EXPOSED);
  }
}

const LOST =
  'Restore it from a backup, or remove it: sessions are then lost, and the next login makes new ones.';
const EXPOSED =
  'Nothing was read. When others may have read it, remove it instead: sessions are then lost, and the next login makes new ones under a new key.';

function unreadable(message: string, hint: string): RekindleError {
  return new RekindleError('SECRET_UNREADABLE', message, { hint });
}
