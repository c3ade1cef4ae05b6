import { RekindleError } from '../domain/error-codes.ts';
import type { Source } from '../domain/video-download.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { codingOf } from './content-coding.ts';
import { parseContentRange, unsatisfiedTotal } from './content-range.ts';
import type { Answer } from './http-client.ts';
import { HttpStatusError } from './http-status-error.ts';
import { difference, ifRange, validatorsOf } from './validators.ts';

/** The server has another version of the file than the one that was begun. Not for callers of the room. */
export class SourceChanged extends Error {
  override readonly name = 'SourceChanged';
}

/** The server answered a range request with the whole file. Not for callers of the room. */
export class RangesIgnored extends Error {
  override readonly name = 'RangesIgnored';
}

export function rangeHeaders(source: Source, start: number, end: number): Record<string, string> {
  const validator = ifRange(source);
  return { range: `bytes=${start}-${end - 1}`, ...(validator === null ? {} : { 'if-range': validator }) };
}

/**
 * Where the bytes of an answer to a range request that began at `start` end (exclusive).
 * @throws SourceChanged, RangesIgnored, HttpStatusError, RekindleError HTTP_PROTOCOL
 */
export function endOfRange(answer: Omit<Answer, 'body'>, source: Source, start: number): number {
  const { status, headers, url } = answer;
  const range = parseContentRange(headers['content-range']);
  const total = status === 416 ? unsatisfiedTotal(headers['content-range']) : (range?.total ?? null);
  const length = status === 200 && codingOf(answer) === null ? headers['content-length'] : undefined;
  const size = length === undefined ? total : Number(length);
  if (status === 200 || status === 206 || status === 416) {
    const changed = difference(source, { ...validatorsOf(headers), size });
    if (changed !== null) throw new SourceChanged(changed);
  }
  if (status >= 400) throw new HttpStatusError(status, headers, url);
  if (status === 200 || codingOf(answer) !== null) throw new RangesIgnored(maskUrl(url));
  if (status !== 206 || range === null || range.start !== start) {
    throw new RekindleError(
      'HTTP_PROTOCOL',
      `${maskUrl(url)} answered a request for the bytes from ${start} with ${status} ${headers['content-range'] ?? 'and no Content-Range'}`,
    );
  }
  return range.end;
}
