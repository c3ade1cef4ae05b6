import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { parseRetryAfter } from '../failures/index.ts';
import { type Secret, withoutSecrets } from '../secrets/secret.ts';
import { PermanentDeliveryError, TemporaryDeliveryError } from './channel.ts';

/** One request to a service that takes messages. */
export interface ServiceRequest {
  readonly method?: 'POST' | 'PUT' | 'GET';
  /** It may carry a token: error messages name nothing of it but the host. */
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** For everything: connecting, sending, the answer, in ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What no error message may show, beside the URL's own parts. */
  readonly secrets: readonly (Secret | string)[];
}

/** A 2xx answer. */
export interface ServiceAnswer {
  /** At most the first {@link MOST_OF_BODY} bytes. */
  readonly body: string;
}

const MOST_OF_BODY = 65_536;
/** Of an answer that is shown in an error message. */
const SHOWN = 200;
/** Not one of the sender's faults although they are 4xx: timeout, too early, too many requests. */
const TEMPORARY_4XX = new Set([408, 425, 429]);

/**
 * Sends a request; redirects are not followed, since they would carry secrets elsewhere.
 * @throws {PermanentDeliveryError} for 3xx and 4xx.
 * @throws {TemporaryDeliveryError} for 408, 425, 429 and 5xx, timeouts and all that goes wrong on the way.
 */
export async function callService(call: ServiceRequest): Promise<ServiceAnswer> {
  const { url, signal, timeoutMs } = call;
  signal.throwIfAborted();
  const agent = new Agent({ connect: { timeout: timeoutMs }, allowH2: false });
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await request(withoutCredentials(url), {
      dispatcher: agent,
      method: call.method ?? 'POST',
      headers: { 'user-agent': 'rekindle', ...credentialsOf(url), ...call.headers },
      body: call.body ?? null,
      signal: AbortSignal.any([signal, timeout]),
    });
    const body = await beginning(answer.body);
    if (answer.statusCode >= 200 && answer.statusCode < 300) return { body };
    throw refusal(call, answer.statusCode, answer.headers['retry-after'], body);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PermanentDeliveryError || error instanceof TemporaryDeliveryError) throw error;
    if (timeout.aborted)
      throw new TemporaryDeliveryError(`${url.host} did not answer within ${timeoutMs / 1000} s`);
    throw new TemporaryDeliveryError(`${url.host} cannot be reached: ${wordsOf(call, error)}`);
  } finally {
    await agent.destroy();
  }
}

/** Text of an answer as an error message may show it: short, on one line, without secrets. */
export function shownAnswer({ url, secrets }: Pick<ServiceRequest, 'url' | 'secrets'>, text: string): string {
  const values = [...url.searchParams.values(), url.username, url.password].map(decodeURIComponentSafely);
  const path = url.pathname.split('/').filter((part) => part.length >= LONG_PATH_PART);
  const clean = withoutSecrets(text, [url.href, ...secrets, ...values, ...path]);
  return clean
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, SHOWN);
}

/** Some services put the key into the path; shorter parts are words such as `send`. */
const LONG_PATH_PART = 12;

function refusal(call: ServiceRequest, status: number, after: unknown, body: string): Error {
  const shown = shownAnswer(call, body);
  const said = `${call.url.host} answered ${status}${shown ? `: ${shown}` : ''}`;
  if (status >= 500 || TEMPORARY_4XX.has(status)) {
    return new TemporaryDeliveryError(said, { retryAfterMs: parseRetryAfter(after, Date.now()) });
  }
  if (status >= 300 && status < 400)
    return new PermanentDeliveryError(`${call.url.host} answered ${status}; redirects are not followed`);
  return new PermanentDeliveryError(said);
}

async function beginning(body: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size >= MOST_OF_BODY) break;
  }
  return Buffer.concat(pieces).subarray(0, MOST_OF_BODY).toString();
}

function wordsOf(call: ServiceRequest, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return [code, shownAnswer(call, message ?? String(error))].filter(Boolean).join(' ');
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponentSafely(username)}:${decodeURIComponentSafely(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
