import { lstat, mkdir, realpath } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import type { PartFile, Source } from '../domain/video-download.ts';
import { confine } from './confine.ts';
import { onDisk } from './disk-error.ts';
import { checkFileName } from './file-name.ts';
import { continues, provesSame } from './map-header.ts';
import { codeOf } from './network-error.ts';
import {
  adoptPart,
  checkFreeSpace,
  createPart,
  type MapState,
  openPart,
  partFileOf,
  readMap,
  targetBusy,
  tidyPart,
} from './part-file.ts';

/** Another task's part file that nobody has written for so long is left over: it may be taken over. */
const ABANDONED_AFTER_MS = 60_000;

export interface Reservation {
  readonly part: PartFile;
  /** Bytes on disk that the transfer will go on from, once it has checked them. */
  readonly resumableBytes: number;
  /** Why an unfinished file that was there is not used; null when there was none, or it is used. */
  readonly freshStart: 'map damaged' | 'file changed on the server' | 'part file gone' | null;
}

/**
 * Makes sure that the file can be written: directory, name, owner, space. Creates the part file and its
 * map, or finds those that an earlier attempt left. Safe to repeat.
 * @param input.directory absolute; created when it is missing
 * @param input.fileName used as it is or refused. @default the source's suggested name
 * @param input.owner id of the task
 * @param input.roots directories that the target must lie in. @default anywhere
 * @param input.force whether a target that exists will be replaced
 * @throws RekindleError TARGET_OUTSIDE, TARGET_EXISTS, TARGET_BUSY, NOT_WRITABLE, DISK_FULL, INVALID_INPUT
 */
export async function reservePart(input: {
  readonly source: Source;
  readonly directory: string;
  readonly fileName?: string;
  readonly owner: string;
  readonly force: boolean;
  readonly roots?: readonly string[] | null;
}): Promise<Reservation> {
  const { source, owner } = input;
  const name = input.fileName === undefined ? source.suggestedName : checkFileName(input.fileName);
  const directory = await directoryOf(input.directory, input.roots ?? null);
  const part = partFileOf(directory, name);
  await refuseExisting(part, input.force);
  await tidyPart(part, owner);
  const state = await readMap(part);
  const found = await decide(part, source, owner, state);
  const stored = found === null ? (state?.storedBytes ?? 0) : 0;
  await checkFreeSpace(directory, source.size ?? 0, stored);
  if (found === null) return { part, resumableBytes: stored, freshStart: null };
  await createPart(part, source, owner, state !== null);
  return { part, resumableBytes: 0, freshStart: found === 'nothing there' ? null : found };
}

type WhyFresh = 'nothing there' | NonNullable<Reservation['freshStart']>;

/** null: go on with the part file that is there. */
async function decide(
  part: PartFile,
  source: Source,
  owner: string,
  state: MapState | null,
): Promise<WhyFresh | null> {
  if (state === null) return (await exists(part.partPath)) ? 'map damaged' : 'nothing there';
  const { header, touchedAtMs } = state;
  if (header === null) return 'map damaged';
  if (header.owner !== owner) {
    const abandoned = Date.now() - touchedAtMs > ABANDONED_AFTER_MS;
    if (!abandoned || !provesSame(header, source)) throw targetBusy(part, `the task ${header.owner}`);
    await onDisk(part.mapPath, () => adoptPart(part, header, owner));
  }
  if (!continues(header, source)) return 'file changed on the server';
  const opened = await openPart(part);
  await opened?.file.close();
  await opened?.map.close();
  return opened === null ? 'part file gone' : null;
}

/** The directory itself may be a link that its owner made; everything below it may not lead out. */
async function directoryOf(directory: string, roots: readonly string[] | null): Promise<string> {
  if (!isAbsolute(directory) || directory.includes('\0')) {
    throw new RekindleError('INVALID_INPUT', `the directory "${directory}" is no absolute path`);
  }
  if (roots) await confine(directory, roots);
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EEXIST' && code !== 'ENOTDIR') await onDisk(directory, () => Promise.reject(error));
    throw new RekindleError('NOT_WRITABLE', `${directory} is no directory`, {
      hint: 'Choose another directory with --to.',
      cause: error,
    });
  }
  const real = await realpath(directory);
  // Somebody may have put a link there in between.
  if (roots) await confine(real, roots);
  return real;
}

/** A target that is the part file itself is ours: an earlier run died while it published it. */
async function refuseExisting(part: PartFile, force: boolean): Promise<void> {
  const target = await lstat(part.targetPath).catch(() => null);
  if (target === null || (force && !target.isDirectory())) return;
  const own = await lstat(part.partPath).catch(() => null);
  if (own !== null && own.ino === target.ino && own.dev === target.dev) return;
  throw new RekindleError('TARGET_EXISTS', `${part.targetPath} exists already`, {
    hint: 'Replace it with --force, or give another name with --name.',
    facts: { path: part.targetPath },
  });
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}
