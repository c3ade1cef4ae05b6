import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { content } from '../../src/cli/drill/content.ts';

export { content, contentSha256 } from '../../src/cli/drill/content.ts';

/** How a path behaves. Everything is optional but the size; without more it is an ordinary file server. */
export interface Behaviour {
  /** Bytes of the file. The content is generated, so 5 GiB cost nothing. */
  size: number;
  /** Another seed is another content. @default 1 */
  seed?: number;
  /** @default `"v<seed>"`; null: none */
  etag?: string | null;
  /** @default none */
  lastModified?: string;
  /** Further headers of the answers with a body. */
  headers?: Record<string, string>;
  /** Cut the connection after so many bytes of each answer. */
  cutAfter?: number;
  /** Send no more after so many bytes of each answer, and keep the connection open. */
  stallAfter?: number;
  /** Only so many answers are cut or stall; later ones are fine. @default all */
  troubles?: number;
  /** Refuse the first requests (those for one byte, the probe's, too). */
  refuse?: { status: number; times: number; headers?: Record<string, string> };
  /** Refuse requests beyond so many bodies on their way at once. */
  maxConnections?: number;
  /** The status for them. @default 503 */
  maxConnectionsStatus?: number;
  /** Answer every range request with 200 and the whole file. */
  ignoreRange?: boolean;
  /** Say no length: chunked. Implies ignoreRange. */
  chunked?: boolean;
  /** Compress although nobody asked. Implies ignoreRange. */
  gzip?: boolean;
  /** Content-Length is so much more (or less) than what is sent; a probe for one byte gets the truth. */
  lengthLie?: number;
  /** Become this file when so many requests have been answered; may have a further change itself. */
  change?: { afterRequests: number; to: Behaviour };
  /** Redirect there. */
  redirect?: string;
  /** Bytes per second for each answer. */
  bytesPerSecond?: number;
  /** `bytesPerSecond` counts only for bytes from here on. @default 0 */
  slowFrom?: number;
  /** Do not answer at all. */
  silent?: boolean;
}

/** A request and what was sent for it. */
export interface LoggedRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly headers: IncomingMessage['headers'];
  status: number;
  bytesSent: number;
}

const PIECE = 64 * 1024;
interface Served {
  behaviour: Behaviour;
  requests: number;
  refused: number;
  troubles: number;
  open: number;
}

/** A real HTTP server on the loopback interface that does wrong, path by path, what it is told to. */
export class MisbehavingServer {
  readonly requests: LoggedRequest[] = [];
  readonly #server: Server;
  readonly #paths = new Map<string, Served>();
  readonly #waiters = new Set<() => void>();

  private constructor() {
    this.#server = createServer((request, response) => {
      response.on('error', () => {});
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** @param port @default a free one */
  static async start(port = 0): Promise<MisbehavingServer> {
    const server = new MisbehavingServer();
    server.#server.listen(port, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Serves `path` (with its leading slash, without query) this way from now on. Returns its URL. */
  serve(path: string, behaviour: Behaviour): string {
    this.#paths.set(path, { behaviour, requests: 0, refused: 0, troubles: 0, open: 0 });
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Bytes of bodies sent for `path` so far, probes included. */
  bytesSent(path: string): number {
    return this.requests.filter((r) => r.path === path).reduce((sum, r) => sum + r.bytesSent, 0);
  }

  /** Resolves as soon as `condition` holds; looked at whenever something has been sent. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  #moved(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const wake of waiters) wake();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = URL.parse(request.url ?? '/', 'http://x')?.pathname ?? '/';
    const { range } = request.headers;
    const logged: LoggedRequest = { path, range, headers: request.headers, status: 0, bytesSent: 0 };
    this.requests.push(logged);
    this.#moved();
    const served = this.#paths.get(path);
    if (served === undefined) return refuse(response, logged, 404);
    served.requests++;
    const { change } = served.behaviour;
    if (change !== undefined && served.requests > change.afterRequests) {
      served.behaviour = change.to;
      served.requests = 1;
    }
    const { behaviour } = served;
    if (behaviour.silent) return;
    if (behaviour.redirect !== undefined)
      return refuse(response, logged, 302, { location: behaviour.redirect });
    if (behaviour.refuse !== undefined && served.refused < behaviour.refuse.times) {
      served.refused++;
      return refuse(response, logged, behaviour.refuse.status, behaviour.refuse.headers);
    }
    if (served.open >= (behaviour.maxConnections ?? Number.POSITIVE_INFINITY)) {
      return refuse(response, logged, behaviour.maxConnectionsStatus ?? 503);
    }
    served.open++;
    try {
      await this.#sendFile(served, request, response, logged);
    } finally {
      served.open--;
    }
  }

  async #sendFile(
    served: Served,
    request: IncomingMessage,
    response: ServerResponse,
    logged: LoggedRequest,
  ): Promise<void> {
    const { behaviour } = served;
    const seed = behaviour.seed ?? 1;
    const etag = behaviour.etag === undefined ? `"v${seed}"` : behaviour.etag;
    const headers: Record<string, string> = { ...behaviour.headers };
    if (etag !== null) headers.etag = etag;
    if (behaviour.lastModified !== undefined) headers['last-modified'] = behaviour.lastModified;
    if (behaviour.gzip) return sendGzip(response, logged, behaviour, headers);
    const range = this.#rangeOf(request, behaviour, etag);
    if (range === 'unsatisfiable') {
      return refuse(response, logged, 416, { 'content-range': `bytes */${behaviour.size}` });
    }
    const { start, end } = range ?? { start: 0, end: behaviour.size };
    if (range !== null) headers['content-range'] = `bytes ${start}-${end - 1}/${behaviour.size}`;
    const lie = end - start > 1 ? (behaviour.lengthLie ?? 0) : 0;
    if (!behaviour.chunked) headers['content-length'] = String(Math.max(0, end - start + lie));
    logged.status = range === null ? 200 : 206;
    response.writeHead(logged.status, headers);
    await this.#sendBody(served, response, logged, seed, start, end);
  }

  #rangeOf(
    request: IncomingMessage,
    behaviour: Behaviour,
    etag: string | null,
  ): { start: number; end: number } | 'unsatisfiable' | null {
    const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (match === null || behaviour.ignoreRange || behaviour.chunked) return null;
    const condition = request.headers['if-range'];
    if (condition !== undefined && condition !== etag && condition !== behaviour.lastModified) return null;
    const start = Number(match[1]);
    if (start >= behaviour.size) return 'unsatisfiable';
    const end = match[2] === '' ? behaviour.size : Math.min(behaviour.size, Number(match[2]) + 1);
    return { start, end };
  }

  async #sendBody(
    served: Served,
    response: ServerResponse,
    logged: LoggedRequest,
    seed: number,
    start: number,
    end: number,
  ): Promise<void> {
    const { behaviour } = served;
    const trouble = served.troubles < (behaviour.troubles ?? Number.POSITIVE_INFINITY);
    const cutAt = trouble
      ? start + (behaviour.cutAfter ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY;
    const stallAt = trouble
      ? start + (behaviour.stallAfter ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY;
    const stop = Math.min(end, cutAt, stallAt);
    if (stop < end) served.troubles++;
    for (let at = start; at < stop && !response.destroyed; ) {
      const piece = content(seed, at, Math.min(stop, at + PIECE));
      at += piece.length;
      const written = new Promise<void>((resolve) => response.write(piece, () => resolve()));
      logged.bytesSent += piece.length;
      this.#moved();
      if (response.writableNeedDrain) await written;
      if (behaviour.bytesPerSecond !== undefined && at > (behaviour.slowFrom ?? 0))
        await sleep((piece.length / behaviour.bytesPerSecond) * 1000);
    }
    if (stop === end && (behaviour.lengthLie ?? 0) <= 0) response.end();
    // Half-closing sends what is buffered and then ends the connection in the middle of the body.
    else if (stop === end || stop === cutAt) response.socket?.end();
    else await once(response, 'close');
  }
}

function refuse(
  response: ServerResponse,
  logged: LoggedRequest,
  status: number,
  headers: Record<string, string> = {},
): void {
  logged.status = status;
  response.writeHead(status, { 'content-length': '0', ...headers }).end();
}

function sendGzip(
  response: ServerResponse,
  logged: LoggedRequest,
  behaviour: Behaviour,
  headers: Record<string, string>,
): void {
  const body = gzipSync(content(behaviour.seed ?? 1, 0, behaviour.size));
  const sent = body.subarray(0, behaviour.cutAfter ?? body.length);
  logged.status = 200;
  logged.bytesSent += sent.length;
  response.writeHead(200, { ...headers, 'content-encoding': 'gzip', 'content-length': String(body.length) });
  if (sent.length === body.length) response.end(body);
  else response.write(sent, () => response.socket?.end());
}
