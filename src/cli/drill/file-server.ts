import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { content } from './content.ts';
import type { DrillFile } from './plan.ts';

const PIECE = 16 * 1024;

interface Served {
  readonly file: DrillFile;
  /** Bytes of bodies handed to the network; what a killed client had not read is among them. */
  sent: number;
  /** Answers on their way. */
  open: number;
}

/** A throttled server that knows what it sent, and when who asked for what: the drill's view from outside. */
export class DrillServer {
  readonly #server: Server;
  readonly #files = new Map<string, Served>();
  readonly #listeners = new Set<(name: string) => void>();
  #throttled = true;

  private constructor() {
    this.#server = createServer((request, response) => {
      response.on('error', () => undefined);
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<DrillServer> {
    const server = new DrillServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** Offers a file. @returns its URL. */
  offer(file: DrillFile): string {
    this.#files.set(file.name, { file, sent: 0, open: 0 });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${file.name}`;
  }

  bytesSent(name: string): number {
    return this.#files.get(name)?.sent ?? 0;
  }

  /** Files whose content is on its way now. */
  underWay(): string[] {
    return [...this.#files.values()].filter(({ open }) => open > 0).map(({ file }) => file.name);
  }

  /** Calls back whenever somebody asks for content (a probe's one byte is none). @returns how to stop that. */
  onRequest(listener: (name: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** From now on everything comes as fast as it can. */
  unthrottle(): void {
    this.#throttled = false;
  }

  /** Takes {@link DrillServer.unthrottle} back. */
  throttle(): void {
    this.#throttled = true;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const served = this.#files.get((request.url ?? '').slice(1));
    if (!served || served.file.missing) {
      response.writeHead(404).end();
      return;
    }
    const { file } = served;
    const [start, end] = rangeOf(request.headers.range, file.size);
    response.writeHead(request.headers.range ? 206 : 200, {
      'content-length': end - start,
      'content-range': `bytes ${start}-${end - 1}/${file.size}`,
      'accept-ranges': 'bytes',
      etag: `"${file.seed}-${file.size}"`,
    });
    if (end - start <= 1) {
      response.end(content(file.seed, start, end));
      return;
    }
    for (const listener of this.#listeners) listener(file.name);
    served.open += 1;
    try {
      await this.#send(served, response, start, end);
    } finally {
      served.open -= 1;
    }
  }

  async #send(served: Served, response: ServerResponse, start: number, end: number): Promise<void> {
    const { seed, rate } = served.file;
    for (let at = start; at < end && !response.destroyed; ) {
      const piece = content(seed, at, Math.min(end, at + PIECE));
      at += piece.length;
      served.sent += piece.length;
      if (!response.write(piece)) await drained(response);
      if (this.#throttled) await delay((1000 * piece.length) / rate);
    }
    response.end();
  }
}

function rangeOf(header: string | undefined, size: number): [start: number, end: number] {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
  if (!match) return [0, size];
  return [Number(match[1]), match[2] ? Math.min(size, Number(match[2]) + 1) : size];
}

/** Waits until more can be written, or nothing any more. */
async function drained(response: ServerResponse): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]).finally(() =>
    settled.abort(),
  );
}
