import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import type { PartFile, Source } from '../domain/video-download.ts';
import { BlockMap, blockBytesFor, mapFileBytes } from './block-map.ts';
import { onDisk, readableBytes } from './disk-error.ts';
import { MAP_SUFFIX, PART_SUFFIX } from './file-name.ts';
import { decodeHeader, encodeHeader, HEADER_BYTES, headerFor, type MapHeader } from './map-header.ts';
import { codeOf } from './network-error.ts';

/** Links are never followed: a link in the directory could lead the bytes out of it. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW;
const READ_WRITE = constants.O_RDWR | constants.O_NOFOLLOW;
const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** What a disk must keep free beside the file: the map and the file system's own blocks. */
const SPARE_BYTES = 1024 * 1024;

export function partFileOf(directory: string, name: string): PartFile {
  return {
    targetPath: join(directory, name),
    partPath: join(directory, name + PART_SUFFIX),
    mapPath: join(directory, name + MAP_SUFFIX),
  };
}

/** What the map file says, and when it or the part was last written; `header` is null when it is damaged. */
export interface MapState {
  readonly header: MapHeader | null;
  readonly touchedAtMs: number;
  readonly storedBytes: number;
}

/** Reads the map without changing it; null when there is none. */
export async function readMap(part: PartFile): Promise<MapState | null> {
  const handle = await openFile(part.mapPath, READ);
  if (handle === null) return null;
  try {
    const { mtimeMs } = await handle.stat();
    const partStat = await lstat(part.partPath).catch(() => null);
    const touchedAtMs = Math.max(mtimeMs, partStat?.mtimeMs ?? 0);
    const header = await readHeader(handle);
    if (header === null) return { header, touchedAtMs, storedBytes: 0 };
    const map = await BlockMap.load(handle, header);
    return { header, touchedAtMs, storedBytes: map.stored };
  } finally {
    await handle.close();
  }
}

/** An unfinished file, open for writing. */
export interface OpenPart {
  readonly file: FileHandle;
  readonly header: MapHeader;
  readonly map: BlockMap;
}

/** Opens part and map; null when one of them is missing or the map is damaged. */
export async function openPart(part: PartFile): Promise<OpenPart | null> {
  const mapHandle = await openFile(part.mapPath, READ_WRITE);
  if (mapHandle === null) return null;
  let file: FileHandle | null = null;
  try {
    const header = await readHeader(mapHandle);
    file = header === null ? null : await openFile(part.partPath, READ_WRITE);
    if (header === null || file === null) {
      await mapHandle.close();
      return null;
    }
    return { file, header, map: await BlockMap.load(mapHandle, header) };
  } catch (error) {
    await file?.close();
    await mapHandle.close();
    throw error;
  }
}

/**
 * Makes an empty part file with its map. New files, never old ones truncated: a worker believed dead that
 * still writes the old version then writes into a file without a name.
 * @param replace whether a map that is there may go; when not, it belongs to another task
 * @throws RekindleError TARGET_BUSY when another task made its map in the same moment; DISK_FULL; NOT_WRITABLE
 */
export async function createPart(
  part: PartFile,
  source: Source,
  owner: string,
  replace: boolean,
): Promise<void> {
  const size = source.size ?? 0;
  const header = headerFor(source, owner, blockBytesFor(size));
  await onDisk(part.partPath, async () => {
    if (replace) await rm(part.mapPath, { force: true });
    await createMap(part, header);
    await rm(part.partPath, { force: true });
    const file = await open(part.partPath, CREATE, 0o644);
    try {
      await file.truncate(size);
    } finally {
      await file.close();
    }
  });
}

/** Complete under a name of the owner's own first, so that nobody ever sees half a header; then linked, which is exclusive. */
async function createMap(part: PartFile, header: MapHeader): Promise<void> {
  const own = ownMapPath(part, header.owner);
  await rm(own, { force: true });
  const handle = await open(own, CREATE, 0o644);
  try {
    await handle.write(encodeHeader(header), 0, HEADER_BYTES, 0);
    await handle.truncate(mapFileBytes(header.size ?? 0, header.blockBytes));
  } finally {
    await handle.close();
  }
  try {
    await link(own, part.mapPath);
    await rm(own);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') {
      await rm(own);
      throw targetBusy(part, 'another task');
    }
    // A file system without hard links (FAT): here two tasks at the same instant are not told apart.
    await rename(own, part.mapPath);
  }
}

function ownMapPath(part: PartFile, owner: string): string {
  return `${part.mapPath}.${createHash('sha256').update(owner).digest('hex').slice(0, 8)}`;
}

/** Removes what {@link createPart} leaves beside the map when it dies half-way. */
export async function tidyPart(part: PartFile, owner: string): Promise<void> {
  await onDisk(part.mapPath, () => rm(ownMapPath(part, owner), { force: true }));
}

/** Makes `owner` the owner of an existing map. */
export async function adoptPart(part: PartFile, header: MapHeader, owner: string): Promise<void> {
  const handle = await openFile(part.mapPath, READ_WRITE);
  try {
    await handle?.write(encodeHeader({ ...header, owner }), 0, HEADER_BYTES, 0);
  } finally {
    await handle?.close();
  }
}

/** Removes the unfinished file and its map. Does nothing when they are gone. */
export async function discardPart(part: PartFile): Promise<void> {
  await onDisk(part.partPath, async () => {
    await rm(part.partPath, { force: true });
    await rm(part.mapPath, { force: true });
  });
}

export function targetBusy(part: PartFile, owner: string): RekindleError {
  return new RekindleError('TARGET_BUSY', `${part.targetPath} is being written by ${owner}`, {
    hint: 'Wait for that task or cancel it, or give another name with --name.',
    facts: { owner },
  });
}

/**
 * Checks that the rest of the file fits on its disk.
 * @param stored bytes of it that are there already
 * @throws RekindleError DISK_FULL, with the bytes needed and free
 */
export async function checkFreeSpace(directory: string, size: number, stored: number): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(directory);
  // Some network file systems don't say; then the first failing write will.
  if (blocks === 0) return;
  const free = bavail * bsize;
  const needed = size - stored + SPARE_BYTES;
  if (free >= needed) return;
  throw new RekindleError(
    'DISK_FULL',
    `not enough space in ${directory}: ${readableBytes(needed)} needed, ${readableBytes(free)} free`,
    {
      hint: 'Free some space, or choose another directory with --to.',
      facts: { path: directory, needed, free },
    },
  );
}

/** null when there is no such file. */
async function openFile(path: string, flags: number): Promise<FileHandle | null> {
  try {
    return await open(path, flags);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return null;
    if (code === 'ELOOP' || code === 'EMLINK') throw await outside(path);
    return onDisk(path, () => Promise.reject(error));
  }
}

async function outside(path: string): Promise<RekindleError> {
  const stat = await lstat(path);
  const what = stat.isSymbolicLink() ? 'is a symbolic link' : 'is no plain file';
  return new RekindleError('TARGET_OUTSIDE', `${path} ${what} and may lead out of the target directory`, {
    hint: 'Remove it and start again.',
  });
}

async function readHeader(handle: FileHandle): Promise<MapHeader | null> {
  const bytes = Buffer.alloc(HEADER_BYTES);
  await handle.read(bytes, 0, HEADER_BYTES, 0);
  return decodeHeader(bytes);
}
