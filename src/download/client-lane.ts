import { setTimeout as sleep } from 'node:timers/promises';
import { RekindleError } from '../domain/error-codes.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { type Answer, release } from './http-client.ts';
import type { Lane, LaneContext } from './lane.ts';
import { networkError } from './network-error.ts';
import { endOfRange, rangeHeaders } from './range-answer.ts';
import type { Region } from './regions.ts';

/** A lane over undici: https, and every server that is not plain enough for the fast lane. */
export class ClientLane implements Lane {
  readonly #context: LaneContext;

  constructor(context: LaneContext) {
    this.#context = context;
  }

  async fetch(region: Region): Promise<void> {
    const { source, signal } = this.#context;
    const start = region.position;
    const answer = await getAgain(this.#context, rangeHeaders(source, start, region.end));
    try {
      const end = endOfRange(answer, source, start);
      await this.#save(answer, region, end);
    } catch (error) {
      signal.throwIfAborted();
      throw networkError(error, answer.url);
    } finally {
      release(answer);
    }
  }

  async #save(answer: Answer, region: Region, end: number): Promise<void> {
    const { writer, signal } = this.#context;
    for await (const received of answer.body as AsyncIterable<Buffer>) {
      // Somebody may have stolen the rest, and a server may send more than it announced.
      const wanted = Math.min(end, region.end) - region.position;
      const chunk = received.subarray(0, Math.max(0, wanted));
      const offset = region.position;
      region.position += chunk.length;
      const wait = writer.received(received.length);
      await writer.write(offset, chunk);
      if (region.position >= region.end) return;
      if (wait > 0) await sleep(wait, undefined, { signal });
    }
    if (region.position < Math.min(end, region.end)) throw endedEarly(answer, end - region.position);
  }

  close(): void {}
}

/** The body ended properly, so it is the server's Content-Range that is wrong. */
function endedEarly(answer: Answer, missing: number): RekindleError {
  const range = answer.headers['content-range'];
  return new RekindleError(
    'LENGTH_MISMATCH',
    `${maskUrl(answer.url)} announced ${range} and sent ${missing} bytes less`,
  );
}

/**
 * Asks where the redirects led to, and when that is refused, from the task's URL on: addresses that
 * redirects lead to often expire.
 */
export async function getAgain(
  context: Omit<LaneContext, 'writer'>,
  headers: Record<string, string>,
): Promise<Answer> {
  const { source, client, signal } = context;
  const first = new URL(source.url);
  const answer = await client.get(new URL(source.finalUrl), headers, signal, first);
  if (answer.status < 400 || answer.status === 416 || source.finalUrl === source.url) return answer;
  release(answer);
  return client.get(first, headers, signal);
}
