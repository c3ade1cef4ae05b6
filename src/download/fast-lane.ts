import { connect, type Socket } from 'node:net';
import { parseContentRange } from './content-range.ts';
import { headersFor } from './http-client.ts';
import { type HttpHead, parseHead } from './http-head.ts';
import { HttpStatusError } from './http-status-error.ts';
import type { Lane, LaneContext } from './lane.ts';
import { connectionLost, connectTimeout, networkError, stalled } from './network-error.ts';
import { endOfRange, rangeHeaders } from './range-answer.ts';
import { ReadBuffers } from './read-buffers.ts';
import type { Region } from './regions.ts';

/** Bytes of a slow connection are written at least so often, so that a kill loses little. */
const FLUSH_EVERY_MS = 1000;
/** No more than a buffer holds; a rate limit lowers it. */
const LARGEST_READ = 256 * 1024;

/** The answer is not a plain 206: undici has to look at it. */
export class NotPlain extends Error {
  override readonly name = 'NotPlain';
}

/** The server had closed a kept connection before it saw our next request. */
class StaleConnection extends Error {}

/** One request and its answer. */
interface Exchange {
  readonly region: Region;
  /** Where the answer ends, exclusive; null until its head is read. */
  end: number | null;
  keepAlive: boolean;
  /** Offset of the next byte to hand to the writer. */
  writeAt: number;
  flushedAt: number;
  /** The writes so far, one after the other. */
  writes: Promise<void>;
  settled: boolean;
  readonly settle: (error: unknown) => void;
}

/**
 * A lane that reads plain HTTP range answers from its own socket straight into the buffers that are then
 * written. Streams copy and allocate more: undici needs twice the time for a file over loopback. It knows only clean
 * 206 answers, and throws {@link NotPlain} at anything else.
 */
export class FastLane implements Lane {
  readonly #context: LaneContext;
  readonly #url: URL;
  readonly #buffers = new ReadBuffers();
  #socket: Socket | null = null;
  #exchange: Exchange | null = null;
  #watchdog: NodeJS.Timeout | null = null;
  #waiting: NodeJS.Timeout | null = null;

  static canServe(url: URL): boolean {
    return url.protocol === 'http:';
  }

  constructor(context: LaneContext) {
    this.#context = context;
    this.#url = new URL(context.source.finalUrl);
  }

  async fetch(region: Region): Promise<void> {
    try {
      await this.#request(region);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      await this.#request(region);
    }
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  async #request(region: Region): Promise<void> {
    const { signal, http } = this.#context;
    signal.throwIfAborted();
    http.guard?.check(this.#url);
    const head = this.#requestHead(region);
    const kept = this.#socket !== null;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const exchange: Exchange = {
      region,
      end: null,
      keepAlive: true,
      writeAt: region.position,
      flushedAt: performance.now(),
      writes: Promise.resolve(),
      settled: false,
      settle: (error) => {
        const stale = kept && exchange.end === null && this.#buffers.content.length === 0 && isLost(error);
        this.#settle(exchange, stale ? new StaleConnection() : error).then(resolve, reject);
      },
    };
    const onAbort = () => this.#end(exchange, signal.reason);
    signal.addEventListener('abort', onAbort);
    this.#exchange = exchange;
    this.#socket ??= this.#connect();
    if (kept) this.#watchStall();
    this.#socket.write(head);
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #requestHead(region: Region): string {
    const { source, http } = this.#context;
    const own = rangeHeaders(source, region.position, region.end);
    const headers = { host: this.#url.host, ...headersFor(this.#url, new URL(source.url), own, http) };
    const { pathname, search } = http.session?.addressOf(this.#url) ?? this.#url;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    // undici refuses such headers with a message that names them.
    if (lines.some((line) => /[\r\n\0]/.test(line))) throw new NotPlain();
    return `GET ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  }

  #connect(): Socket {
    const { writer, http } = this.#context;
    const socket: Socket = connect({
      ...(http.guard ? { lookup: http.guard.lookup } : {}),
      host: this.#url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(this.#url.port || 80),
      noDelay: true,
      onread: {
        buffer: () => this.#buffers.room(writer.pieceBytes(LARGEST_READ)),
        callback: (bytes): boolean => this.#read(socket, bytes),
      },
    });
    const lost = (error: unknown) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (this.#exchange !== null) this.#end(this.#exchange, networkError(error, this.#url));
    };
    socket.on('connect', () => this.#watchStall());
    socket.on('error', lost);
    socket.on('end', () => lost(connectionLost(this.#url)));
    socket.on('close', () => lost(connectionLost(this.#url)));
    this.#watch(http.connectTimeoutMs, () => connectTimeout(this.#url));
    return socket;
  }

  /** Bytes have arrived in the current buffer. false: read no further for now. */
  #read(socket: Socket, bytes: number): boolean {
    const exchange = this.#exchange;
    if (exchange === null || exchange.settled || this.#socket !== socket) {
      // Nobody asked for these: the connection can't be used again.
      socket.destroy();
      return false;
    }
    this.#watchdog?.refresh();
    this.#buffers.filled(bytes);
    try {
      const body = exchange.end === null ? this.#readHead(exchange) : bytes;
      return body === null || this.#readBody(exchange, exchange.end ?? 0, body);
    } catch (error) {
      this.#end(exchange, error);
      return false;
    }
  }

  /** The number of body bytes behind the head; null while the head is not complete. */
  #readHead(exchange: Exchange): number | null {
    const head = parseHead(this.#buffers.content);
    if (head === null) return null;
    if (head === 'odd') throw new NotPlain();
    this.#context.http.session?.received(this.#url, head.setCookie);
    exchange.end = this.#endOf(head, exchange.region.position);
    exchange.keepAlive = !/close/i.test(head.headers.connection ?? '');
    this.#buffers.dropFirst(head.bytes);
    return this.#buffers.content.length;
  }

  #endOf({ status, headers }: HttpHead, start: number): number {
    const { source } = this.#context;
    const range = parseContentRange(headers['content-range']);
    const framed = range !== null && Number(headers['content-length']) === range.end - range.start;
    const coded = 'transfer-encoding' in headers || 'content-encoding' in headers;
    if (status === 206 && framed && !coded)
      return endOfRange({ status, headers, url: this.#url }, source, start);
    const refused = status >= 400 && status !== 416;
    if (refused && source.finalUrl === source.url) throw new HttpStatusError(status, headers, this.#url);
    throw new NotPlain();
  }

  #readBody(exchange: Exchange, end: number, bytes: number): boolean {
    const { region } = exchange;
    // Somebody may have stolen the rest, and a server may send more than it announced.
    const taken = Math.min(bytes, Math.max(0, Math.min(end, region.end) - region.position));
    this.#buffers.dropLast(bytes - taken);
    region.position += taken;
    const wait = this.#context.writer.received(bytes);
    if (region.position >= Math.min(end, region.end)) {
      this.#submit(exchange);
      if (!exchange.keepAlive || taken < bytes || region.position < end) this.close();
      this.#end(exchange, null);
      return true;
    }
    if (this.#buffers.full || performance.now() - exchange.flushedAt > FLUSH_EVERY_MS) this.#submit(exchange);
    if (wait > 0) this.#waitFor(wait);
    return wait === 0 && !this.#buffers.exhausted;
  }

  /** Hands what has been read to the writer. Only where Node asks for the next place to read into right after. */
  #submit(exchange: Exchange): void {
    exchange.flushedAt = performance.now();
    if (this.#buffers.content.length === 0) return;
    const filled = this.#buffers.take();
    const offset = exchange.writeAt;
    exchange.writeAt += filled.chunk.length;
    exchange.writes = exchange.writes.then(async () => {
      await this.#context.writer.write(offset, filled.chunk);
      this.#buffers.giveBack(filled);
      this.#resume();
    });
    exchange.writes.catch((error: unknown) => this.#end(exchange, error));
  }

  #waitFor(ms: number): void {
    this.#waiting = setTimeout(() => {
      this.#waiting = null;
      this.#resume();
    }, ms);
  }

  /** Reads on, unless the rate limit or the disk still holds it. */
  #resume(): void {
    if (this.#waiting === null && !this.#buffers.exhausted) this.#socket?.resume();
  }

  #watchStall(): void {
    const { stallTimeoutMs } = this.#context.http;
    this.#watch(stallTimeoutMs, () => {
      // When we don't read, the server can't send.
      const held = this.#waiting !== null || this.#buffers.exhausted;
      return held ? null : stalled(this.#url);
    });
  }

  /** @param problem what is wrong when nothing happened for `ms`; null: nothing, go on */
  #watch(ms: number, problem: () => Error | null): void {
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    const watchdog = setTimeout(() => {
      const error = problem();
      if (error === null) watchdog.refresh();
      else if (this.#exchange !== null) this.#end(this.#exchange, error);
    }, ms);
    this.#watchdog = watchdog;
  }

  /** The exchange is over, well (null) or not. The first one to say so counts. */
  #end(exchange: Exchange, error: unknown): void {
    if (exchange.settled) return;
    exchange.settled = true;
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#waiting = null;
    if (error !== null) this.close();
    exchange.settle(error);
  }

  /** Waits until everything received is written, also after an error: bytes that have arrived are kept. */
  async #settle(exchange: Exchange, error: unknown): Promise<void> {
    try {
      await exchange.writes;
      // Only after an error, when the socket is gone and reads into this buffer no more.
      if (exchange.end === null) this.#buffers.clear();
      const rest = this.#buffers.content;
      if (rest.length > 0) await this.#context.writer.write(exchange.writeAt, rest);
      this.#buffers.clear();
    } finally {
      this.#exchange = null;
    }
    if (error !== null) throw error;
  }
}

function isLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'CONNECTION_LOST';
}
