import { createHash } from 'node:crypto';
import type { VideoDownloadInput } from '../domain/video-download.ts';

const SLUG_LENGTH = 40;
const HASH_LENGTH = 12;

/**
 * The id of a download that was given none: the same URL to the same target is the same task, so starting it
 * again continues it. Credentials and query do not show in the readable part.
 */
export function downloadTaskId(input: Pick<VideoDownloadInput, 'url' | 'directory' | 'fileName'>): string {
  const target = JSON.stringify([input.url, input.directory, input.fileName ?? null]);
  const hash = createHash('sha256').update(target).digest('hex').slice(0, HASH_LENGTH);
  return `download-${slugOf(input)}-${hash}`;
}

function slugOf({ url, fileName }: Pick<VideoDownloadInput, 'url' | 'fileName'>): string {
  const name = fileName ?? URL.parse(url)?.pathname.split('/').at(-1) ?? '';
  const slug = name.replaceAll(/[^A-Za-z0-9.]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
  return slug.slice(0, SLUG_LENGTH) || 'file';
}
