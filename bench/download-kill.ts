import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from './download.ts';
import { median, printTable } from './support/measure.ts';
import { rekindle, spawnRekindle } from './support/rekindle.ts';

const MIB = 1024 * 1024;
const SIZE = 384 * MIB;
const KILLS = 20;
/** Bytes per second of one connection: slow enough that the download outlasts all kills. */
const RATE = 2.5 * MIB;
const CHUNK = 64 * 1024;

/** Kills the whole command, engine included, at random moments of one download and starts it again each time. */
export async function killRounds({ dir }: Bench): Promise<void> {
  const server = await countingServer();
  const dataDir = join(dir, 'data-kill');
  mkdirSync(join(dir, 'out'), { recursive: true });
  const args = ['download', server.url, '--to', join(dir, 'out'), '--data-dir', dataDir];
  const goneOn: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const startedAt = performance.now();
    const child = spawnRekindle(args);
    const exited = once(child, 'exit');
    await Promise.race([server.nextRange(), exited]);
    goneOn.push(performance.now() - startedAt);
    await Promise.race([delay(200 + Math.random() * 1200), exited]);
    if (child.exitCode !== null) break; // Finished before it could be killed.
    child.kill('SIGKILL');
    await exited;
    await killEngine(dataDir);
  }
  const { code, json } = await rekindle(args);
  const again = server.bytesSent() - SIZE;
  const sound = code === 0 && json.sha256 === server.sha256;
  printTable(
    `kill -9 of command and engine, ${goneOn.length} times during ${SIZE / MIB} MiB`,
    ['', ''],
    [
      ['SHA-256 of the result', sound ? 'right' : `WRONG (${JSON.stringify(json)})`],
      [
        'bytes sent again, a kill (as the server counts, socket buffers included)',
        `${(again / MIB / goneOn.length).toFixed(2)} MiB`,
      ],
      [
        'restart → first byte range asked, engine start included',
        `median ${Math.round(median(goneOn.slice(1)))} ms, max ${Math.round(Math.max(...goneOn.slice(1)))} ms`,
      ],
    ],
  );
  await server.close();
  rmSync(join(dir, 'out'), { recursive: true, force: true });
}

async function killEngine(dataDir: string): Promise<void> {
  const { readFileSync } = await import('node:fs');
  const record = JSON.parse(readFileSync(join(dataDir, 'engine/engine.json'), 'utf8')) as {
    process: { pid: number };
  };
  process.kill(record.process.pid, 'SIGKILL');
}

/** A throttled server that knows what it sent. */
async function countingServer() {
  let sent = 0;
  const waiting: (() => void)[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const start = Number(match?.[1] ?? 0);
    const end = match?.[2] ? Number(match[2]) + 1 : SIZE;
    if (end - start > 1) for (const tell of waiting.splice(0)) tell();
    response.writeHead(206, {
      'Content-Length': end - start,
      'Content-Range': `bytes ${start}-${end - 1}/${SIZE}`,
      ETag: '"kill"',
    });
    for (let at = start; at < end && !response.destroyed; at += CHUNK) {
      const chunk = content(at, Math.min(CHUNK, end - at));
      if (!response.write(chunk)) await drained(response);
      if (end - start > 1 && !response.destroyed) sent += chunk.length;
      await delay((1000 * chunk.length) / RATE);
    }
    response.end();
  };
  const server = createServer((request, response) => void serve(request, response).catch(() => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hash = createHash('sha256');
  for (let at = 0; at < SIZE; at += CHUNK) hash.update(content(at, CHUNK));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/kill.bin`,
    sha256: hash.digest('hex'),
    bytesSent: () => sent,
    nextRange: () => new Promise<void>((resolve) => waiting.push(resolve)),
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Waits until more can be written, or nothing any more. */
async function drained(response: ServerResponse): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  settled.abort();
}

/** Bytes that name their position: 8 bytes each with their offset. Ranges start anywhere. */
function content(at: number, length: number): Buffer {
  const first = Math.floor(at / 8);
  const count = Math.ceil((at + length) / 8) - first;
  const words = new BigUint64Array(count);
  for (let i = 0; i < count; i++) words[i] = BigInt(first + i) * 2654435761n;
  return Buffer.from(words.buffer).subarray(at - first * 8, at - first * 8 + length);
}
