import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import type { PartFile } from '../domain/video-download.ts';
import { codeOf } from './network-error.ts';

/**
 * Checks that a directory lies in one of those that are allowed, links followed; also one that does not exist yet.
 * @param roots absolute. @throws {RekindleError} TARGET_OUTSIDE
 */
export async function confine(directory: string, roots: readonly string[]): Promise<void> {
  const place = await realPlace(directory);
  for (const root of roots) {
    if (isInside(place, await realPlace(root))) return;
  }
  throw new RekindleError('TARGET_OUTSIDE', `${directory} lies outside the directories of downloads`, {
    hint: 'Choose another directory, or let who runs rekindle add it to download.directories in the configuration.',
    facts: { path: directory },
  });
}

/**
 * Checks that the directory of an unfinished file is the one that it was reserved in: nobody has put a link in its place.
 * @throws {RekindleError} TARGET_OUTSIDE
 */
export async function refuseMoved({ partPath }: PartFile): Promise<void> {
  const directory = dirname(partPath);
  const real = await realpath(directory).catch(() => null);
  if (real === null || real === directory) return;
  throw new RekindleError('TARGET_OUTSIDE', `${directory} now leads to another place: ${real}`, {
    hint: 'Start the download again in a directory that nobody replaces.',
    facts: { path: directory },
  });
}

/** The real path of what exists of it, and the rest. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
    return join(await realPlace(parent), basename(path));
  }
}

function isInside(place: string, root: string): boolean {
  const way = relative(root, place);
  return (
    way === '' ||
    !(way === '..' || way.startsWith('../') || way.startsWith('..\\') || /^([a-z]:|[/\\])/i.test(way))
  );
}
