/**
 * Temporal's remote codec protocol: `POST /encode` and `POST /decode` with `{payloads}` as JSON, the namespace in
 * `X-Namespace`. The Web UI and the `temporal` CLI show data of encrypted tasks with it, to people who know the token.
 * It keeps nothing and logs no content.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Payload } from '@temporalio/common';
import { isRekindleError, RekindleError } from '../domain/error-codes.ts';
import { isPlainObject } from '../domain/json.ts';
import type { Logger } from '../logger.ts';
import { CodecAccess, LOGIN_LARGEST } from './codec-access.ts';
import type { EncryptionSettings } from './encryption-settings.ts';
import { EncryptingCodec } from './payload-codec.ts';

/** What a codec server is made from. */
export interface CodecServerOptions {
  readonly encryption: EncryptionSettings;
  /** Of requests that name none. */
  readonly namespace: string;
  /** Origins of the Web UIs whose pages may ask; looked at with every request. */
  readonly origins: () => readonly string[];
  /** 0: any that is free. @default as configured */
  readonly port?: number;
  readonly log: Logger;
}

/** A codec server that listens. */
export interface CodecServer {
  /** `http://host:port` */
  readonly address: string;
  close(): Promise<void>;
}

/** Temporal takes 4 MiB in a message; as base64 and with room to spare. */
const LARGEST_BODY = 16 * 1024 * 1024;
const MOST_CONNECTIONS = 64;
const TIMES = { headersTimeout: 5000, requestTimeout: 15_000, keepAliveTimeout: 5000 };

/** An answer that says what was wrong with a request. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Starts a codec server. @throws {RekindleError} INVALID_CONFIG without a token, or when the port is taken. */
export async function startCodecServer(options: CodecServerOptions): Promise<CodecServer> {
  const { encryption, origins, log } = options;
  const { host, port, token } = encryption.codecServer;
  if (!token) {
    throw new RekindleError('INVALID_CONFIG', 'the codec server has no token, so anybody could decrypt', {
      hint: 'Set encryption.codec_server.token to env:NAME or file:PATH.',
    });
  }
  const access = new CodecAccess(token, origins);
  const codecOf = codecs(options);
  const server = createServer({ maxHeaderSize: 8192, ...TIMES }, (request, response) => {
    void answer(request, response, access, codecOf).then((said) => log.info(said, 'codec server'));
  });
  server.maxConnections = MOST_CONNECTIONS;
  await listening(server, host, options.port ?? port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Codecs by namespace; only those that were asked for last are kept. */
function codecs({ encryption, namespace: own }: CodecServerOptions): (namespace?: string) => EncryptingCodec {
  const byNamespace = new Map<string, EncryptingCodec>();
  return (namespace = own) => {
    const codec = byNamespace.get(namespace) ?? new EncryptingCodec(encryption, { namespace });
    if (byNamespace.size >= 100) byNamespace.clear();
    byNamespace.set(namespace, codec);
    return codec;
  };
}

/** Answers one request, whatever it is. @returns what may be logged of it. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  access: CodecAccess,
  codecOf: (namespace?: string) => EncryptingCodec,
): Promise<Record<string, unknown>> {
  const path = request.url?.split('?')[0] ?? '';
  const said = { method: request.method, path: path.slice(0, 50), from: request.socket.remoteAddress };
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  try {
    access.allowOrigin(request, response);
    const count = await route(path, request, response, access, codecOf);
    return { ...said, status: response.statusCode, payloads: count };
  } catch (error) {
    const [status, message] = told(error);
    if (!response.headersSent) {
      // What was not read of a request is not read: the connection is of no further use.
      response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
      response.end(JSON.stringify({ error: message }));
    } else response.destroy();
    return { ...said, status };
  }
}

async function route(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  access: CodecAccess,
  codecOf: (namespace?: string) => EncryptingCodec,
): Promise<number> {
  const { method } = request;
  if (method === 'OPTIONS') return access.preflight(response);
  if (path === '/' && method === 'GET') return access.showLogin(response);
  if (path === '/login' && method === 'POST') {
    access.logIn(await bodyOf(request, LOGIN_LARGEST), response);
    return 0;
  }
  if (path !== '/encode' && path !== '/decode') throw new Refusal(404, 'there are /encode and /decode');
  if (method !== 'POST') throw new Refusal(405, 'only POST');
  if (!access.isAllowed(request)) {
    response.setHeader('WWW-Authenticate', 'Bearer');
    throw new Refusal(401, 'the token is missing or wrong');
  }
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal(415, 'the body has to be application/json');
  const codec = codecOf(namespaceOf(request));
  const payloads = payloadsOf(await bodyOf(request, LARGEST_BODY));
  const done = path === '/encode' ? await codec.encode(payloads) : await codec.decode(payloads);
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ payloads: done.map(toJson) }));
  return done.length;
}

function namespaceOf(request: IncomingMessage): string | undefined {
  const namespace = request.headers['x-namespace'];
  if (namespace === undefined || namespace === '') return undefined;
  if (typeof namespace === 'string' && /^[\w.-]{1,255}$/.test(namespace)) return namespace;
  throw new Refusal(400, 'X-Namespace is no name of a namespace');
}

async function bodyOf(request: IncomingMessage, largest: number): Promise<string> {
  const tooLarge = new Refusal(413, `the body is larger than ${largest} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > largest) throw tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > largest) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function payloadsOf(text: string): Payload[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'the body is no JSON');
  }
  if (!isPlainObject(body) || !Array.isArray(body.payloads)) throw new Refusal(400, 'payloads is no list');
  return body.payloads.map(fromJson);
}

function fromJson(one: unknown): Payload {
  const { metadata = {}, data = '' } = isPlainObject(one) ? one : { data: null };
  if (!isPlainObject(metadata) || typeof data !== 'string') throw new Refusal(400, 'a payload is none');
  const entries = Object.entries(metadata).map(([name, value]) => {
    if (typeof value !== 'string') throw new Refusal(400, 'a payload is none');
    return [name, Buffer.from(value, 'base64')] as const;
  });
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data, 'base64') };
}

function toJson({ metadata, data }: Payload): object {
  const base64 = (bytes: Uint8Array | null | undefined): string =>
    Buffer.from(bytes ?? new Uint8Array()).toString('base64');
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)]);
  return { metadata: Object.fromEntries(entries), data: base64(data) };
}

/** Status and words for an error; what is not ours may hold anything, and is not told. */
function told(error: unknown): readonly [status: number, message: string] {
  if (error instanceof Refusal) return [error.status, error.message];
  if (isRekindleError(error, 'PAYLOAD_UNREADABLE')) return [422, error.message];
  return [500, 'something went wrong'];
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    throw new RekindleError(
      'INVALID_CONFIG',
      `the codec server cannot listen on ${host} port ${port}: ${(error as Error).message}`,
      { hint: 'Set encryption.codec_server.port to another one.', cause: error },
    );
  }
}
