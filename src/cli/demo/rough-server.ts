import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How badly the demo's server behaves. */
export interface Roughness {
  /** Length of its file. */
  readonly size: number;
  /** Bytes after which it cuts a connection. */
  readonly cutAfter: number;
  /** Bytes per second of one connection. */
  readonly rate: number;
  /** How many requests it refuses with 503 before it is in the mood. */
  readonly refusals: number;
}

/** What the server did to its client. */
export interface RoughServer {
  readonly url: string;
  readonly sha256: string;
  readonly count: { requests: number; refused: number; cut: number; bytesSent: number };
  /** Settles when more than so many requests have come. */
  requestAfter(requests: number): Promise<void>;
  close(): Promise<void>;
}

const CHUNK = 64 * 1024;
/** The file repeats this block, each time with its position in front, so that mixed-up bytes would show. */
const BLOCK = 4096;

/** Starts a server on loopback whose only file is hard to get: it refuses, throttles and cuts. */
export async function startRoughServer(roughness: Roughness): Promise<RoughServer> {
  const count = { requests: 0, refused: 0, cut: 0, bytesSent: 0 };
  const server = createServer((request, response) => void serve(request, response, roughness, count));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/lesson-1.mp4`,
    sha256: sha256Of(roughness.size),
    count,
    requestAfter: async (requests) => {
      while (count.requests <= requests) await once(server, 'request');
    },
    close: () => close(server),
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { size, cutAfter, rate, refusals }: Roughness,
  count: RoughServer['count'],
): Promise<void> {
  count.requests += 1;
  if (count.refused < refusals) {
    count.refused += 1;
    response.writeHead(503, { 'Retry-After': '1' }).end();
    return;
  }
  const [start, end] = rangeOf(request.headers.range, size);
  response.writeHead(request.headers.range ? 206 : 200, {
    'Content-Length': end - start,
    'Content-Range': `bytes ${start}-${end - 1}/${size}`,
    'Accept-Ranges': 'bytes',
    ETag: `"demo-${size}"`,
  });
  const cutAt = end - start > cutAfter ? start + cutAfter : Number.POSITIVE_INFINITY;
  for (let at = start; at < end && !response.destroyed; at += CHUNK) {
    if (at >= cutAt) {
      count.cut += 1;
      response.destroy();
      return;
    }
    const chunk = content(at, Math.min(CHUNK, end - at));
    response.write(chunk);
    count.bytesSent += chunk.length;
    await new Promise((resolve) => setTimeout(resolve, (1000 * chunk.length) / rate));
  }
  response.end();
}

function rangeOf(header: string | undefined, size: number): [start: number, end: number] {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
  if (!match) return [0, size];
  return [Number(match[1]), match[2] ? Math.min(size, Number(match[2]) + 1) : size];
}

function content(start: number, length: number): Buffer {
  const first = Math.floor(start / BLOCK);
  const blocks: Buffer[] = [];
  for (let i = first; i * BLOCK < start + length; i++) blocks.push(block(i));
  const offset = start - first * BLOCK;
  return Buffer.concat(blocks).subarray(offset, offset + length);
}

function block(index: number): Buffer {
  const buffer = Buffer.alloc(BLOCK, index & 0xff);
  buffer.writeUInt32BE(index);
  return buffer;
}

function sha256Of(size: number): string {
  const hash = createHash('sha256');
  for (let at = 0; at < size; at += CHUNK) hash.update(content(at, Math.min(CHUNK, size - at)));
  return hash.digest('hex');
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
