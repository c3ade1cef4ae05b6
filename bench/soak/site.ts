/** What the soaked system talks to beside a file server: a site that wants a login, and a webhook. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { content } from '../../src/cli/drill/content.ts';

/** Name of its description. */
export const SITE = 'soak-site';
export const SITE_ACCOUNTS = ['anna', 'ben', 'cleo'] as const;

/** A server on the loopback interface. */
export class SoakSite {
  /** Logins that it took. */
  logins = 0;
  /** Messages that came to the webhook. */
  messages = 0;
  readonly #server: Server;
  readonly #lifetimeMs: number;
  /** Sessions and until when they are good. */
  readonly #sessions = new Map<string, number>();

  private constructor(lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** @param lifetimeMs how long its sessions last */
  static async start(lifetimeMs: number): Promise<SoakSite> {
    const site = new SoakSite(lifetimeMs);
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    return site;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Address of a file that only those who are logged in get. */
  fileUrl(name: string, seed: number, size: number): string {
    return `${this.origin}/files/${name}?seed=${seed}&size=${size}`;
  }

  get webhookUrl(): string {
    return `${this.origin}/hook`;
  }

  /** `sites/<name>.yaml` as an object. @param password reference to it */
  description(password: string) {
    return {
      kind: 'json',
      submit: { url: `${this.origin}/login`, json: { user: '{{user}}', password: '{{password}}' } },
      verify: { url: `${this.origin}/me`, success: { status: 200, json: 'id' } },
      session: { lifetime: { seconds: this.#lifetimeMs / 1000 } },
      origins: [this.origin],
      accounts: Object.fromEntries(SITE_ACCOUNTS.map((user) => [user, { user, password }])),
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.origin);
    // Nobody is kept waiting by a body that is not read.
    await buffer(request);
    if (pathname === '/hook') this.#takeMessage(response);
    else if (pathname === '/login') this.#logIn(response);
    else if (!this.#knows(request)) response.writeHead(401).end();
    else if (pathname === '/me') sendJson(response, { id: 1 });
    else {
      const [seed, size] = ['seed', 'size'].map((name) => Number(searchParams.get(name)));
      sendFile(request, response, seed ?? 0, size ?? 0);
    }
  }

  #takeMessage(response: ServerResponse): void {
    this.messages += 1;
    response.writeHead(204).end();
  }

  #logIn(response: ServerResponse): void {
    this.logins += 1;
    const now = Date.now();
    for (const [id, until] of this.#sessions) if (until < now) this.#sessions.delete(id);
    const id = randomUUID();
    this.#sessions.set(id, now + this.#lifetimeMs);
    response.setHeader('set-cookie', `sid=${id}; Path=/; HttpOnly`);
    sendJson(response, { ok: true });
  }

  #knows({ headers }: IncomingMessage): boolean {
    const id = /(?:^|; )sid=([^;]+)/.exec(headers.cookie ?? '')?.[1] ?? '';
    return (this.#sessions.get(id) ?? 0) > Date.now();
  }
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendFile(request: IncomingMessage, response: ServerResponse, seed: number, size: number): void {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = Number(asked?.[1] ?? 0);
  const end = Math.min(size, asked?.[2] ? Number(asked[2]) + 1 : size);
  response.writeHead(asked ? 206 : 200, {
    'content-length': end - start,
    'content-range': `bytes ${start}-${end - 1}/${size}`,
    'accept-ranges': 'bytes',
    etag: `"${seed}-${size}"`,
  });
  response.end(content(seed, start, end));
}
