/** A site that wants a login before it gives its files out, and remembers everything that it was asked. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionData, SessionName } from '../../src/domain/session.ts';
import { content } from './misbehaving-server.ts';

/** A request for a file. */
export interface SiteRequest {
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly status: number;
  bytesSent: number;
}

const PIECE = 64 * 1024;

/** Serves `/login` (a session for whoever asks) and files of any name and the size in `?size=`. */
export class SessionSite {
  readonly requests: SiteRequest[] = [];
  logins = 0;
  readonly #loginsOf = new Map<string, number>();
  /** How long its sessions last, in ms; null: for ever. */
  lifetimeMs: number | null = null;
  /** Of each answer. @default as fast as it can */
  bytesPerSecond = Number.POSITIVE_INFINITY;
  /** How it refuses who has no session. */
  refusal: 401 | 403 | 'login page' | 'login page with 200' = 401;
  /** Refuses everybody. */
  closed = false;
  /** How long a login takes. */
  loginTakesMs = 0;
  /** Where files are in truth; they are redirected there. */
  elsewhere: string | undefined;
  readonly #server: Server;
  readonly #good = new Map<string, number>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<SessionSite> {
    const server = createServer((request, response) => void site.#serve(request, response));
    const site = new SessionSite(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return site;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(path: string, size: number): string {
    return `${this.origin}${path}?size=${size}`;
  }

  /** Ends every session that there is; answers on their way are cut. */
  endSessions(): void {
    this.#good.clear();
    this.#server.closeAllConnections();
  }

  /** Logins of an account since the beginning. */
  loginsOf(account: string): number {
    return this.#loginsOf.get(account) ?? 0;
  }

  get bytesSent(): number {
    return this.requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    if (url.pathname === '/login') return await this.#login(response, url.searchParams.get('account') ?? '');
    const headers = { etag: '"1"', 'accept-ranges': 'bytes' };
    const logged = (status: number): SiteRequest => {
      const one = { path: url.pathname, query: url.search, headers: request.headers, status, bytesSent: 0 };
      this.requests.push(one);
      return one;
    };
    if (!this.#knows(request)) {
      if (this.refusal === 'login page') {
        logged(302);
        response.writeHead(302, { location: '/login?next=somewhere' }).end();
        return;
      }
      if (this.refusal === 'login page with 200') {
        logged(200);
        response.writeHead(200, { 'content-type': 'text/html' });
        response.write('<title>School</title>');
        response.end('<p>Please\n  LOG in <form method=post><input type=password></form>');
        return;
      }
      logged(this.refusal);
      response.writeHead(this.refusal).end();
      return;
    }
    if (this.elsewhere) {
      logged(302);
      response.writeHead(302, { location: `${this.elsewhere}${url.pathname}${url.search}` }).end();
      return;
    }
    const size = Number(url.searchParams.get('size'));
    const [, from = '0', to = `${size - 1}`] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
    const [start, end] = [Number(from), Math.min(size, Number(to || size - 1) + 1)];
    const range = { 'content-range': `bytes ${start}-${end - 1}/${size}`, 'content-length': end - start };
    response.writeHead(206, { ...headers, ...range });
    await this.#send(response, logged(206), start, end);
  }

  async #send(response: ServerResponse, logged: SiteRequest, start: number, end: number): Promise<void> {
    for (let at = start; at < end; ) {
      if (response.destroyed) return;
      const piece = Math.min(PIECE, end - at);
      response.write(content(1, at, at + piece));
      at += piece;
      logged.bytesSent += piece;
      if (Number.isFinite(this.bytesPerSecond)) await sleep((piece / this.bytesPerSecond) * 1000);
      else if (response.writableNeedDrain) await new Promise((done) => response.once('drain', done));
    }
    response.end();
  }

  async #login(response: ServerResponse, account: string): Promise<void> {
    this.logins += 1;
    this.#loginsOf.set(account, this.loginsOf(account) + 1);
    const id = randomUUID();
    await sleep(this.loginTakesMs);
    this.#good.set(id, this.lifetimeMs === null ? Number.POSITIVE_INFINITY : Date.now() + this.lifetimeMs);
    response.writeHead(200, { 'set-cookie': `sid=${id}; Path=/; HttpOnly` }).end();
  }

  #knows({ headers }: IncomingMessage): boolean {
    const id = /(?:^|; )sid=([^;]+)/.exec(headers.cookie ?? '')?.[1] ?? '';
    return !this.closed && (this.#good.get(id) ?? 0) > Date.now();
  }
}

/** What a login at such a site gives. */
export async function loggedIn(
  origin: string,
  name: SessionName,
  lifetimeMs: number | null,
): Promise<SessionData> {
  const answer = await fetch(`${origin}/login?account=${name.account}`, { method: 'POST' });
  const [, value = ''] = /sid=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '') ?? [];
  const now = Date.now();
  return {
    name,
    cookies: [{ key: 'sid', value, domain: '127.0.0.1', path: '/', hostOnly: true, httpOnly: true }],
    headers: { 'x-api-key': `key-${value}` },
    query: {},
    origins: [origin],
    loginPages: [`${origin}/login`],
    expired: [{ text: 'please log in', contentType: 'text/html' }],
    obtainedAtMs: now,
    expiresAtMs: lifetimeMs === null ? null : now + lifetimeMs,
  };
}
