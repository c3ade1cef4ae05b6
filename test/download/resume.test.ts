import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { probeSource, reservePart, transfer } from '../../src/download/index.ts';
import { contentSha256, type MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { download, exists, fileSha256, HTTP, MIB, NEVER, startServer } from './helpers.ts';

const SIZE = 24 * MIB + 99;
const WHOLE = contentSha256(1, SIZE);

/** Begins a download and stops it when about `bytes` have been sent. */
async function stopAfter(server: MisbehavingServer, url: string, dir: string, bytes: number): Promise<void> {
  const controller = new AbortController();
  const { pathname } = new URL(url);
  const stopping = server
    .until(() => server.bytesSent(pathname) >= bytes)
    .then(() => controller.abort(new Error('paused')));
  await expect(download(url, dir, { signal: controller.signal })).rejects.toThrow('paused');
  await stopping;
}

function damage(path: string, at: number): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.from('damaged by hand'), 0, 15, at);
  closeSync(fd);
}

it('keeps everything that arrived when it is stopped, and goes on from there', async () => {
  const server = await startServer();
  const url = server.serve('/f', { size: SIZE, bytesPerSecond: 20 * MIB });
  const dir = tempDir();
  await stopAfter(server, url, dir, 8 * MIB);
  const sent = server.bytesSent('/f');
  const done = await download(url, dir);
  expect(done.resumed).toBe(true);
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
  // What was on its way in the sockets of four connections is all that is sent twice.
  expect(server.bytesSent('/f') - SIZE).toBeLessThan(sent / 2);
  expect(done.bytesFetched).toBeLessThan(SIZE - 4 * MIB);
});

it('stops within a moment', async () => {
  const server = await startServer();
  const url = server.serve('/f', { size: SIZE, stallAfter: MIB });
  const begun = performance.now();
  await stopAfter(server, url, tempDir(), 2 * MIB);
  expect(performance.now() - begun).toBeLessThan(2000);
});

it.skipIf(process.platform !== 'linux')('leaves no file open, however it ends', async () => {
  const server = await startServer();
  const dir = tempDir();
  const openFiles = () =>
    readdirSync('/proc/self/fd').filter((fd) => {
      const link = linkOf(`/proc/self/fd/${fd}`);
      return link.startsWith(dir);
    });
  const slow = server.serve('/stopped', { size: SIZE, bytesPerSecond: 20 * MIB });
  await stopAfter(server, slow, dir, 4 * MIB);
  expect(openFiles()).toEqual([]);
  const refused = server.serve('/refused', {
    size: SIZE,
    change: { afterRequests: 1, to: { size: SIZE, refuse: { status: 500, times: 99 } } },
  });
  await expect(download(refused, dir)).rejects.toMatchObject({ status: 500 });
  await download(server.serve('/whole', { size: SIZE }), dir);
  expect(openFiles()).toEqual([]);
});

it('fetches blocks again that were damaged by hand', async () => {
  const server = await startServer();
  const url = server.serve('/f', { size: SIZE, bytesPerSecond: 30 * MIB });
  const dir = tempDir();
  await stopAfter(server, url, dir, 12 * MIB);
  for (const block of [0, 6, 12, 18]) damage(join(dir, 'f.rekindle.part'), block * MIB + 1000);
  const done = await download(url, dir);
  expect(done.resumed).toBe(true);
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
});

it.each([0, 1_000_000, SIZE + 1_000_000])(
  'heals a part file that was cut or stretched to %i bytes',
  async (bytes) => {
    const server = await startServer();
    const url = server.serve('/f', { size: SIZE, bytesPerSecond: 30 * MIB });
    const dir = tempDir();
    await stopAfter(server, url, dir, 12 * MIB);
    truncateSync(join(dir, 'f.rekindle.part'), bytes);
    const done = await download(url, dir);
    expect(await fileSha256(done.file.path)).toBe(WHOLE);
  },
);

it.each(['header', 'records', 'empty', 'gone', 'part gone'])(
  'makes the right file when the map is damaged: %s',
  async (how) => {
    const server = await startServer();
    const url = server.serve('/f', { size: SIZE, bytesPerSecond: 30 * MIB });
    const dir = tempDir();
    await stopAfter(server, url, dir, 12 * MIB);
    const map = join(dir, 'f.rekindle.map');
    if (how === 'header') damage(map, 20);
    if (how === 'records') damage(map, 4096);
    if (how === 'empty') writeFileSync(map, '');
    if (how === 'gone') unlinkSync(map);
    if (how === 'part gone') unlinkSync(join(dir, 'f.rekindle.part'));
    const done = await download(url, dir);
    expect(done.resumed).toBe(how === 'records');
    expect(await fileSha256(done.file.path)).toBe(WHOLE);
  },
);

it('starts over when the file changed while it was stopped', async () => {
  const server = await startServer();
  const url = server.serve('/f', { size: SIZE, bytesPerSecond: 30 * MIB });
  const dir = tempDir();
  await stopAfter(server, url, dir, 12 * MIB);
  server.serve('/f', { size: SIZE, seed: 2 });
  const done = await download(url, dir);
  expect(done.resumed).toBe(false);
  expect(await fileSha256(done.file.path)).toBe(contentSha256(2, SIZE));
});

it('keeps the bytes of a new version over a failure, though the caller only knows the old one', async () => {
  const server = await startServer();
  const url = server.serve('/f', { size: SIZE });
  const dir = tempDir();
  const source = await probeSource(url, HTTP, NEVER);
  const { part } = await reservePart({ source, directory: dir, owner: 'task', force: false });
  server.serve('/f', { size: SIZE, seed: 2, bytesPerSecond: 20 * MIB });
  const run = (signal: AbortSignal) =>
    transfer({ source, part, owner: 'task', connections: 4, http: HTTP, signal, onProgress: () => {} });
  const controller = new AbortController();
  const stopping = server
    .until(() => server.bytesSent('/f') > 8 * MIB)
    .then(() => controller.abort(new Error('paused')));
  await expect(run(controller.signal)).rejects.toThrow('paused');
  await stopping;
  const done = await run(NEVER);
  expect(done).toMatchObject({ resumed: true, source: { etag: '"v2"' } });
  expect(await fileSha256(part.partPath)).toBe(contentSha256(2, SIZE));
});

it('refuses to write into a part file that another task has taken over', async () => {
  const server = await startServer();
  const url = server.serve('/f', { size: MIB });
  const source = await probeSource(url, HTTP, NEVER);
  const { part } = await reservePart({ source, directory: tempDir(), owner: 'other', force: false });
  await expect(
    transfer({
      source,
      part,
      owner: 'task',
      connections: 4,
      http: HTTP,
      signal: NEVER,
      onProgress: () => {},
    }),
  ).rejects.toMatchObject({ code: 'TARGET_BUSY' });
});

it('goes on after kill -9 at any moment, and fetches little again', async () => {
  const server = await startServer();
  const size = 64 * MIB;
  const url = server.serve('/f', { size, bytesPerSecond: 10 * MIB });
  const dir = tempDir();
  const kills = 6;
  let fetched = 0;
  for (let kill = 1; kill <= kills; kill++) {
    const before = server.bytesSent('/f');
    const child = fork(new URL('./downloading-child.ts', import.meta.url), [url, dir], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('message', (bytes: number) => {
      fetched += bytes;
    });
    await server.until(() => server.bytesSent('/f') >= before + 7 * MIB + kill * 100_003);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(exists(join(dir, 'f'))).toBe(false);
  }
  const sent = server.bytesSent('/f');
  const done = await download(url, dir);
  expect(await fileSha256(done.file.path)).toBe(WHOLE_64);
  // The server counts what it has handed to its sockets, so this also counts what never arrived.
  const again = sent + done.bytesFetched - size;
  console.log(`fetched again per kill: ${(again / kills / MIB).toFixed(2)} MiB (${fetched} bytes reported)`);
  expect(again / kills).toBeLessThan(4 * MIB);
});
const WHOLE_64 = contentSha256(1, 64 * MIB);

it('does not grow with the size of the file', async () => {
  const server = await startServer();
  const size = 1024 * MIB;
  const url = server.serve('/big', { size });
  const dir = tempDir();
  const child = fork(new URL('./downloading-child.ts', import.meta.url), [url, dir, 'memory'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let peak = 0;
  child.on('message', (bytes: number) => {
    peak = Math.max(peak, bytes);
  });
  await once(child, 'exit');
  expect(exists(join(dir, 'big'))).toBe(true);
  expect(readFileSync(join(dir, 'big')).length).toBe(size);
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThan(200 * MIB);
}, 60_000);

/** Where a link leads; nothing when it has gone meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
