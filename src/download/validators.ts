import type { Source } from '../domain/video-download.ts';

/** What says which version of a file an answer belongs to. */
export type Validators = Pick<Source, 'etag' | 'lastModified' | 'size'>;

/** Longer ETags are of no use as names of a version and would not fit the map's header. */
const LONGEST_ETAG = 1000;

export function validatorsOf(headers: Readonly<Record<string, string>>): Omit<Validators, 'size'> {
  const etag = headers.etag ?? null;
  return {
    etag: etag !== null && etag.length > LONGEST_ETAG ? null : etag,
    lastModified: headers['last-modified'] ?? null,
  };
}

/** A strong ETag, else the date; a weak ETag must not be used in If-Range (RFC 9110 §13.1.5). */
export function ifRange(source: Validators): string | null {
  if (source.etag !== null && !source.etag.startsWith('W/')) return source.etag;
  return source.lastModified;
}

/**
 * What shows that an answer belongs to another version than `known`, for people; null when nothing does.
 * A header that is missing on one side says nothing.
 */
export function difference(known: Validators, answer: Validators): string | null {
  if (known.size !== null && answer.size !== null && known.size !== answer.size) {
    return `its size went from ${known.size} to ${answer.size} bytes`;
  }
  if (known.etag !== null && answer.etag !== null) {
    if (known.etag === answer.etag) return null;
    return `its ETag went from ${known.etag} to ${answer.etag}`;
  }
  if (
    known.lastModified !== null &&
    answer.lastModified !== null &&
    known.lastModified !== answer.lastModified
  ) {
    return `its date went from ${known.lastModified} to ${answer.lastModified}`;
  }
  return null;
}
