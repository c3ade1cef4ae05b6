import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Source } from '../domain/video-download.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { difference, type Validators } from './validators.ts';

/** Changes when the layout does; a map of another version is a fresh start. */
const VERSION = 1;
/** One page: the header is written and read in one go. */
export const HEADER_BYTES = 4096;
const LONGEST_TEXT = 400;

/** What a map file says about its part file. */
export interface MapHeader extends Validators {
  readonly version: number;
  /** SHA-256 of the task's URL; the URL itself may hold secrets. */
  readonly urlHash: string;
  /** For people who look into the file. */
  readonly url: string;
  readonly blockBytes: number;
  /** Task that writes the part file. */
  readonly owner: string;
}

export function headerFor(source: Source, owner: string, blockBytes: number): MapHeader {
  return {
    version: VERSION,
    urlHash: createHash('sha256').update(source.url).digest('hex'),
    url: maskUrl(source.url).slice(0, LONGEST_TEXT),
    size: source.size,
    etag: source.etag,
    lastModified: source.lastModified,
    blockBytes,
    owner,
  };
}

/** `<crc32 of the JSON, 8 hex digits> <JSON>` and spaces up to the fixed length. */
export function encodeHeader(header: MapHeader): Buffer {
  const json = JSON.stringify(header);
  const text = `${checksum(json)} ${json}`;
  if (Buffer.byteLength(text) > HEADER_BYTES) throw new RangeError('the header of the map is too long');
  return Buffer.alloc(HEADER_BYTES, ' ', 'latin1').fill(text, 0, Buffer.byteLength(text), 'utf8');
}

/** null when the bytes are damaged, or of another version. */
export function decodeHeader(bytes: Buffer): MapHeader | null {
  const text = bytes.toString('utf8').trimEnd();
  const json = text.slice(9);
  if (bytes.length < HEADER_BYTES || !text.startsWith(`${checksum(json)} `)) return null;
  const header = JSON.parse(json) as MapHeader;
  return header.version === VERSION ? header : null;
}

/** Whether the part file of this map can go on with `source`: the same URL and nothing that differs. */
export function continues(header: MapHeader, source: Source): boolean {
  const sameUrl = header.urlHash === headerFor(source, '', 0).urlHash;
  return sameUrl && header.size === source.size && difference(header, source) === null;
}

/** Whether an ETag or a date proves it, beyond doubt enough to take over another task's bytes. */
export function provesSame(header: MapHeader, source: Source): boolean {
  const sameEtag = header.etag !== null && header.etag === source.etag;
  const sameDate = header.lastModified !== null && header.lastModified === source.lastModified;
  return continues(header, source) && (sameEtag || sameDate);
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
