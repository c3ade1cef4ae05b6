import { createHash } from 'node:crypto';
import type { VideoDownloadInput } from '../domain/video-download.ts';

const SLUG_LENGTH = 40;
const HASH_LENGTH = 12;

/**
 * The id of a download that was given none: the same URL to the same target is the same task, so starting it
 * again continues it, also with another password. Credentials and query do not show in the readable part; and the
 * hash, which anybody may see, is not of the credentials, which could be guessed by it.
 */
export function downloadTaskId(input: Pick<VideoDownloadInput, 'url' | 'directory' | 'fileName'>): string {
  const target = JSON.stringify([withoutCredentials(input.url), input.directory, input.fileName ?? null]);
  const hash = createHash('sha256').update(target).digest('hex').slice(0, HASH_LENGTH);
  return `download-${slugOf(input)}-${hash}`;
}

function withoutCredentials(text: string): string {
  const url = URL.parse(text);
  if (!url) return text;
  url.username = '';
  url.password = '';
  return url.href;
}

function slugOf({ url, fileName }: Pick<VideoDownloadInput, 'url' | 'fileName'>): string {
  const name = fileName ?? URL.parse(url)?.pathname.split('/').at(-1) ?? '';
  const slug = name.replaceAll(/[^A-Za-z0-9.]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
  return slug.slice(0, SLUG_LENGTH) || 'file';
}
