import { RekindleError } from '../domain/error-codes.ts';
import type { Source } from '../domain/video-download.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { codingOf } from './content-coding.ts';
import { parseContentRange, unsatisfiedTotal } from './content-range.ts';
import { digestOf } from './digest-headers.ts';
import { fileNameOf } from './file-name.ts';
import { type Answer, HttpClient, release } from './http-client.ts';
import type { HttpSettings } from './http-settings.ts';
import { HttpStatusError } from './http-status-error.ts';
import { refuseTooLarge } from './limits.ts';
import { parseHttpUrl } from './url.ts';
import { validatorsOf } from './validators.ts';

/** Statuses with which servers refuse a Range that they would answer without. */
const RANGE_REFUSED = new Set([400, 416, 501]);

/**
 * Asks the server what `url` is: its size, validators, whether it serves ranges, where it redirects to.
 * Sends a GET for the first byte, because HEAD is often answered differently or not at all.
 * @throws RekindleError INVALID_URL, REDIRECT_LOOP, ADDRESS_FORBIDDEN, TOO_LARGE, CONNECTION_LOST, STALLED,
 *   HTTP_PROTOCOL; LoginWanted; HttpStatusError
 *   for a status of 400 or more; the system's error when no connection could be made; the signal's reason
 */
export async function probeSource(url: string, http: HttpSettings, signal: AbortSignal): Promise<Source> {
  const source = await probed(url, http, signal);
  refuseTooLarge(source.size, http.maxBytes, source.finalUrl);
  return source;
}

async function probed(url: string, http: HttpSettings, signal: AbortSignal): Promise<Source> {
  const parsed = parseHttpUrl(url);
  const client = new HttpClient(http);
  try {
    const first = await client.get(parsed, { range: 'bytes=0-0' }, signal);
    release(first);
    const source = sourceOfRange(url, first);
    if (source !== null) return source;
    if (first.status === 200) return sourceOfWhole(url, first);
    if (first.status >= 400 && !RANGE_REFUSED.has(first.status)) {
      throw new HttpStatusError(first.status, first.headers, first.url);
    }
    const whole = await client.get(parsed, {}, signal);
    release(whole);
    return sourceOfWhole(url, whole);
  } finally {
    await client.close();
  }
}

/** null when the answer is not the one byte that was asked for. */
function sourceOfRange(url: string, answer: Answer): Source | null {
  if (answer.status === 416 && unsatisfiedTotal(answer.headers['content-range']) === 0) {
    return {
      ...described(url, answer),
      size: 0,
      acceptsRanges: true,
      digest: digestOf(answer.headers, false),
    };
  }
  const range = parseContentRange(answer.headers['content-range']);
  if (answer.status !== 206 || range === null || range.start !== 0 || range.total === null) return null;
  if (codingOf(answer) !== null) return null;
  return {
    ...described(url, answer),
    size: range.total,
    acceptsRanges: true,
    digest: digestOf(answer.headers, false),
  };
}

function sourceOfWhole(url: string, answer: Answer): Source {
  if (answer.status >= 400) throw new HttpStatusError(answer.status, answer.headers, answer.url);
  if (answer.status !== 200) {
    throw new RekindleError(
      'HTTP_PROTOCOL',
      `${maskUrl(answer.url)} answered a plain request with ${answer.status}`,
    );
  }
  return wholeSource(url, answer);
}

/** The source that a full answer (200) describes. */
export function wholeSource(url: string, answer: Answer): Source {
  const decoded = codingOf(answer) !== null;
  const length = answer.headers['content-length'];
  const known = !decoded && length !== undefined && /^\d{1,15}$/.test(length);
  return {
    ...described(url, answer),
    size: known ? Number(length) : null,
    acceptsRanges: false,
    // Checksums are those of the coded bytes, which are not what is kept.
    digest: decoded ? null : digestOf(answer.headers, true),
  };
}

function described(
  url: string,
  answer: Answer,
): Pick<Source, 'url' | 'finalUrl' | 'etag' | 'lastModified' | 'suggestedName'> {
  return {
    url,
    finalUrl: answer.url.href,
    ...validatorsOf(answer.headers),
    suggestedName: fileNameOf(answer.url, answer.headers['content-disposition']),
  };
}
