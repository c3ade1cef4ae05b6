import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { RekindleError } from '../domain/error-codes.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import type { Answer } from './http-client.ts';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};
/** Files that are compressed themselves: servers label those with the coding by mistake, browsers keep them too. */
const COMPRESSED_NAME = /\.(gz|tgz|svgz|br|zst)$/i;

/** The coding that an answer's body must be decoded from to get the file; null: the body is the file. */
export function codingOf(answer: Pick<Answer, 'headers' | 'url'>): string | null {
  const coding = answer.headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (coding === '' || coding === 'identity' || COMPRESSED_NAME.test(answer.url.pathname)) return null;
  return coding;
}

/**
 * A decoder of `coding`: we ask for the plain file, but some servers compress all the same.
 * @throws RekindleError HTTP_PROTOCOL for a coding that we do not know
 */
export function decoderOf(coding: string, url: URL): Transform {
  const create = DECODERS[coding];
  if (create === undefined) {
    throw new RekindleError('HTTP_PROTOCOL', `${maskUrl(url)} sends the unknown content coding "${coding}"`, {
      hint: 'The server ignores Accept-Encoding: identity; ask its operator.',
    });
  }
  return create();
}
