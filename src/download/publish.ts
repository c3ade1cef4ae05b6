import { constants } from 'node:fs';
import { link, lstat, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import type { PartFile, PublishedFile } from '../domain/video-download.ts';
import { refuseMoved } from './confine.ts';
import { onDisk } from './disk-error.ts';
import { codeOf } from './network-error.ts';

/** Answers of file systems that have no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Gives the verified part file its final name, durably: the file and then its directory are synced to disk.
 * Without `force` nothing that stands under that name is ever replaced. Safe to repeat after a crash at
 * any point.
 * @throws RekindleError TARGET_EXISTS, TARGET_OUTSIDE, NOT_WRITABLE, DISK_FULL; LENGTH_MISMATCH when the part file is gone
 *   and no file of its length stands under the final name
 */
export async function publishPart(input: {
  readonly part: PartFile;
  readonly bytes: number;
  readonly force: boolean;
}): Promise<PublishedFile> {
  const { part, bytes, force } = input;
  await refuseMoved(part);
  return onDisk(part.targetPath, async () => {
    // All at once: syncing while bytes arrive made 1 GiB over loopback slower as a whole (2.9 s against 2.5 s).
    if (await syncFile(part.partPath)) await giveName(part, force);
    const published = await lstat(part.targetPath).catch(() => null);
    if (published === null || published.size !== bytes) {
      throw new RekindleError(
        'LENGTH_MISMATCH',
        `${part.partPath} is gone or has another length than ${bytes} bytes`,
        {
          hint: 'Start the download again.',
        },
      );
    }
    await rm(part.mapPath, { force: true });
    await syncDirectory(dirname(part.targetPath));
    return { path: part.targetPath, bytes, modifiedAtMs: published.mtimeMs };
  });
}

/** Whether the published file still stands there unchanged, by its size and modification time. */
export async function stillPublished(file: PublishedFile): Promise<boolean> {
  const stat = await lstat(file.path).catch(() => null);
  return stat?.isFile() === true && stat.size === file.bytes && stat.mtimeMs === file.modifiedAtMs;
}

async function giveName(part: PartFile, force: boolean): Promise<void> {
  if (force) return rename(part.partPath, part.targetPath);
  try {
    // Unlike rename, link refuses an existing name, whoever made it and when.
    await link(part.partPath, part.targetPath);
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code === 'EEXIST') await acceptOwn(part);
    else if (NO_LINKS.has(code)) return renameToFree(part);
    else throw error;
  }
  await rm(part.partPath);
}

/** The target may be the part file itself, linked by an attempt that died before it removed the old name. */
async function acceptOwn(part: PartFile): Promise<void> {
  const [own, target] = await Promise.all([lstat(part.partPath), lstat(part.targetPath)]);
  if (own.ino !== target.ino || own.dev !== target.dev) throw targetExists(part);
}

async function renameToFree(part: PartFile): Promise<void> {
  if ((await lstat(part.targetPath).catch(() => null)) !== null) throw targetExists(part);
  await rename(part.partPath, part.targetPath);
}

function targetExists(part: PartFile): RekindleError {
  return new RekindleError('TARGET_EXISTS', `${part.targetPath} has appeared while the file was fetched`, {
    hint: 'Replace it with --force, or give another name with --name; the bytes are kept.',
    facts: { path: part.targetPath },
  });
}

/** false when there is no such file. */
async function syncFile(path: string): Promise<boolean> {
  const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
  try {
    await file?.sync();
  } finally {
    await file?.close();
  }
  return file !== null;
}

/** Without it, a power cut could take the new name away. Windows can't, and needn't. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
