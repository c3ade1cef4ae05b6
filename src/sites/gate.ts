import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { NetworkGuard } from '../download/network-guard.ts';

/** Of the connection to the gate, not for those behind it (RFC 9110 §7.6.1); `Host` is said anew (RFC 9112 §3.2.2). */
const HOP_BY_HOP = /^(?:host|connection|keep-alive|proxy-.*|te|upgrade)$/i;
const USER = 'rekindle';

/**
 * A proxy of this process, through which a browser makes all its connections: they go only where a guard lets them.
 * Names are looked up here, when the connection is made, so redirects, frames, scripts and sockets of a page are no way
 * around. It listens on loopback, and serves nobody without its password.
 */
export class Gate {
  readonly #guard: NetworkGuard;
  readonly #password = randomBytes(24).toString('base64url');
  readonly #server = createServer((request, response) => this.#forward(request, response));
  readonly #sockets = new Set<Duplex>();
  /** Why no connection could be made, by host and port. */
  readonly #failures = new Map<string, Error>();

  private constructor(guard: NetworkGuard) {
    this.#guard = guard;
    this.#server.on('connect', (request, socket: Duplex, head: Buffer) =>
      this.#tunnel(request, socket, head),
    );
    this.#server.on('connection', (socket) => this.#remember(socket));
  }

  static async open(guard: NetworkGuard): Promise<Gate> {
    const gate = new Gate(guard);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    gate.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    await promise;
    return gate;
  }

  /** What the browser is started with. */
  get proxy(): { readonly server: string; readonly username: string; readonly password: string } {
    const { port } = this.#server.address() as AddressInfo;
    return { server: `http://127.0.0.1:${port}`, username: USER, password: this.#password };
  }

  /** Why the last connection to an address could not be made; undefined: it could, or was never tried. */
  failureOf(url: URL): Error | undefined {
    return this.#failures.get(placeOf(url));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const url = URL.parse(request.url ?? '');
    if (url?.protocol !== 'http:') {
      response.writeHead(400).end();
      return;
    }
    if (!this.#knows(request)) {
      response.writeHead(407, { 'Proxy-Authenticate': 'Basic realm="rekindle"' }).end();
      return;
    }
    if (this.#refuses(url, response)) return;
    const onward = httpRequest({
      method: request.method,
      host: hostOf(url),
      port: url.port || 80,
      path: url.pathname + url.search,
      headers: [...passedOn(request.rawHeaders), 'Host', url.host],
      lookup: this.#guard.lookup,
      agent: false,
    });
    onward.on('response', (answer) => {
      this.#failures.delete(placeOf(url));
      response.writeHead(answer.statusCode ?? 502, passedOn(answer.rawHeaders));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    onward.on('error', (error) => this.#failed(url, response, error));
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  /** For https and sockets: bytes are passed on as they are. */
  #tunnel(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (!this.#knows(request)) {
      socket.end(
        'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="rekindle"\r\nContent-Length: 0\r\n\r\n',
      );
      return;
    }
    const url = URL.parse(`https://${request.url}`);
    if (!url) {
      socket.destroy();
      return;
    }
    if (this.#refuses(url, socket)) return;
    const port = Number(url.port || 443);
    const onward: Socket = connect({ host: hostOf(url), port, lookup: this.#guard.lookup });
    this.#remember(onward);
    onward.on('connect', () => {
      this.#failures.delete(placeOf(url));
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      if (head.length > 0) onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', (error) => this.#failed(url, socket, error));
    socket.on('close', () => onward.destroy());
  }

  /** By what the address says itself; what a name stands for is checked as the connection is made. */
  #refuses(url: URL, to: ServerResponse | Duplex): boolean {
    try {
      this.#guard.check(url);
      return false;
    } catch (error) {
      this.#failed(url, to, error as Error);
      return true;
    }
  }

  /** The browser sees a connection that was cut: a page of ours would look like one of the site's. */
  #failed(url: URL, to: ServerResponse | Duplex, error: Error): void {
    this.#failures.set(placeOf(url), error);
    to.destroy();
  }

  #knows({ headers }: IncomingMessage): boolean {
    const right = Buffer.from(`Basic ${Buffer.from(`${USER}:${this.#password}`).toString('base64')}`);
    const given = Buffer.from(headers['proxy-authorization'] ?? '');
    return given.length === right.length && timingSafeEqual(given, right);
  }

  #remember(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function placeOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'http:' || protocol === 'ws:' ? 80 : 443)}`;
}

/** As Node has raw headers: names and values in turn. */
function passedOn(raw: readonly string[]): string[] {
  return raw.filter((_, i) => !HOP_BY_HOP.test(raw[i - (i % 2)] ?? ''));
}
