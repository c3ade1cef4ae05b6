import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HttpStatusError, probeSource } from '../../src/download/index.ts';
import { content, contentSha256 } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { download, exists, fileSha256, HTTP, MIB, NEVER, startServer } from './helpers.ts';

const SIZE = 12 * MIB + 345;
const WHOLE = contentSha256(1, SIZE);
const IMPATIENT = { ...HTTP, stallTimeoutMs: 300 };

it('downloads a file over several connections and leaves nothing but the file', async () => {
  const server = await startServer();
  const url = server.serve('/video.mp4', { size: SIZE });
  const dir = tempDir();
  const done = await download(url, dir, { sha256: WHOLE });
  expect(done).toMatchObject({ bytes: SIZE, resumed: false, bytesFetched: SIZE, sha256: WHOLE });
  expect(done.progress).toMatchObject({ downloadedBytes: SIZE, totalBytes: SIZE, chunkIndex: 13 });
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
  expect(readdirSync(dir)).toEqual(['video.mp4']);
  const ranged = server.requests.filter((r) => r.range !== 'bytes=0-0');
  expect(ranged).toHaveLength(4);
  expect(ranged.every((r) => r.headers['if-range'] === '"v1"')).toBe(true);
});

it('goes on when every connection is cut every few hundred kilobytes', async () => {
  const server = await startServer();
  const url = server.serve('/cut', { size: SIZE, cutAfter: 700_001 });
  const done = await download(url, tempDir());
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
  expect(done.bytesFetched).toBe(SIZE);
  expect(done.progress.reconnects).toBeGreaterThan(10);
});

it.each([
  ['503', { 'retry-after': '7' }],
  ['503', { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }],
  ['429', { 'retry-after': '30', 'x-ratelimit-reset': '99' }],
])('hands a %s on with its Retry-After %o', async (status, headers) => {
  const server = await startServer();
  const url = server.serve('/busy', { size: SIZE, refuse: { status: Number(status), times: 99, headers } });
  const error = await download(`${url}?token=secret`, tempDir()).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(HttpStatusError);
  expect(error).toMatchObject({ status: Number(status), headers, url: `${url}?token=***` });
  expect(String(error)).not.toContain('secret');
});

it('throws a refusal that only begins with the transfer, and goes on in the next attempt', async () => {
  const server = await startServer();
  const dir = tempDir();
  const url = server.serve('/busy', {
    size: SIZE,
    change: { afterRequests: 1, to: { size: SIZE, refuse: { status: 503, times: 4 } } },
  });
  await expect(download(url, dir)).rejects.toThrow('the server answered 503 Service Unavailable');
  expect(readdirSync(dir).sort()).toEqual(['busy.rekindle.map', 'busy.rekindle.part']);
  const done = await download(url, dir);
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
});

it.each([404, 403, 410])('gives up at a status of %i at once', async (status) => {
  const server = await startServer();
  const url = server.serve('/gone', { size: 1, refuse: { status, times: 99 } });
  await expect(download(url, tempDir())).rejects.toMatchObject({ name: 'HttpStatusError', status });
  expect(server.requests).toHaveLength(1);
});

it('uses the connections that a server allows', async () => {
  const server = await startServer();
  const url = server.serve('/few', { size: SIZE, maxConnections: 2, bytesPerSecond: 30 * MIB });
  const done = await download(url, tempDir());
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
  expect(done.bytesFetched).toBe(SIZE);
});

it('downloads from a server that ignores ranges', async () => {
  const server = await startServer();
  const url = server.serve('/plain', { size: SIZE, ignoreRange: true });
  const done = await download(url, tempDir());
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
  expect(done.progress.totalBytes).toBe(SIZE);
});

it('downloads when a server begins to ignore ranges after the probe', async () => {
  const server = await startServer();
  const url = server.serve('/plain', {
    size: SIZE,
    change: { afterRequests: 1, to: { size: SIZE, ignoreRange: true } },
  });
  const done = await download(url, tempDir());
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
});

it('downloads a chunked file of unknown length', async () => {
  const server = await startServer();
  const url = server.serve('/chunked', { size: SIZE, chunked: true });
  const done = await download(url, tempDir());
  expect(done).toMatchObject({ bytes: SIZE, progress: { totalBytes: null, downloadedBytes: SIZE } });
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
});

it('never takes a chunked file that was cut for a whole one', async () => {
  const server = await startServer();
  const url = server.serve('/chunked', { size: SIZE, chunked: true, cutAfter: MIB, troubles: 2 });
  const dir = tempDir();
  await expect(download(url, dir)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  expect(exists(join(dir, 'chunked'))).toBe(false);
  const done = await download(url, dir);
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
});

it('saves the plain file when the server compresses it unasked', async () => {
  const server = await startServer();
  const url = server.serve('/page.html', { size: MIB, gzip: true });
  const done = await download(url, tempDir());
  expect(await fileSha256(done.file.path)).toBe(contentSha256(1, MIB));
});

it('keeps a .gz file as it is although the server calls that a coding', async () => {
  const server = await startServer();
  const url = server.serve('/logs.tar.gz', { size: MIB, headers: { 'content-encoding': 'gzip' } });
  const done = await download(url, tempDir());
  expect(await fileSha256(done.file.path)).toBe(contentSha256(1, MIB));
});

it('refuses a compressed answer that was cut', async () => {
  const server = await startServer();
  const url = server.serve('/page.html', { size: MIB, gzip: true, cutAfter: 5000 });
  await expect(download(url, tempDir())).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
});

it('refuses a coding that it does not know', async () => {
  const server = await startServer();
  const url = server.serve('/x', { size: 10, headers: { 'content-encoding': 'rot13' } });
  await expect(download(url, tempDir())).rejects.toMatchObject({ code: 'HTTP_PROTOCOL' });
});

it('follows a chain of redirects and takes the name of its end', async () => {
  const server = await startServer();
  server.serve('/end.bin', { size: SIZE });
  server.serve('/b', { size: 0, redirect: '/end.bin' });
  const url = server.serve('/a', { size: 0, redirect: '/b' });
  const done = await download(url, tempDir());
  expect(done.file.path).toMatch(/end\.bin$/);
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
});

it('asks the first address again when the one it led to has expired', async () => {
  const server = await startServer();
  server.serve('/signed', {
    size: SIZE,
    change: { afterRequests: 1, to: { size: 0, refuse: { status: 403, times: 99 } } },
  });
  server.serve('/signed-again', { size: SIZE });
  const url = server.serve('/file', {
    size: 0,
    redirect: '/signed',
    change: { afterRequests: 1, to: { size: 0, redirect: '/signed-again' } },
  });
  const done = await download(url, tempDir());
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
});

it('notices a circle of redirects', async () => {
  const server = await startServer();
  const url = server.serve('/a', { size: 0, redirect: '/b' });
  server.serve('/b', { size: 0, redirect: '/a' });
  await expect(download(url, tempDir())).rejects.toMatchObject({
    code: 'REDIRECT_LOOP',
    message: expect.stringMatching(/\((1 redirect|\d+ redirects)\)$/),
  });
});

it('gives up after too many redirects', async () => {
  const server = await startServer();
  for (let i = 0; i < 9; i++) server.serve(`/${i}`, { size: 0, redirect: `/${i + 1}` });
  await expect(download(`http://127.0.0.1:${server.port}/0`, tempDir())).rejects.toMatchObject({
    code: 'REDIRECT_LOOP',
  });
});

it('does not follow a redirect to another kind of address', async () => {
  const server = await startServer();
  const url = server.serve('/a', { size: 0, redirect: 'file:///etc/passwd' });
  await expect(download(url, tempDir())).rejects.toMatchObject({ code: 'INVALID_URL' });
});

it('starts over when the file changes half-way, and never mixes two versions', async () => {
  const server = await startServer();
  const url = server.serve('/news', {
    size: SIZE,
    cutAfter: MIB,
    change: { afterRequests: 8, to: { size: SIZE, seed: 2 } },
  });
  const done = await download(url, tempDir());
  expect(done.source.etag).toBe('"v2"');
  expect(done.progress.restarts).toBe(1);
  expect(await fileSha256(done.file.path)).toBe(contentSha256(2, SIZE));
});

it('notices a change by the size alone when there are no validators', async () => {
  const server = await startServer();
  const url = server.serve('/bare', {
    size: SIZE,
    etag: null,
    cutAfter: MIB,
    change: { afterRequests: 8, to: { size: SIZE + 5, seed: 2, etag: null } },
  });
  const done = await download(url, tempDir());
  expect(await fileSha256(done.file.path)).toBe(contentSha256(2, SIZE + 5));
});

it('gives up a file that changes again and again', async () => {
  const server = await startServer();
  let behaviour = { size: SIZE, seed: 9, cutAfter: MIB } as Parameters<typeof server.serve>[1];
  for (let seed = 8; seed > 0; seed--) {
    behaviour = { size: SIZE, seed, cutAfter: MIB, change: { afterRequests: 4, to: behaviour } };
  }
  const dir = tempDir();
  await expect(download(server.serve('/live', behaviour), dir)).rejects.toMatchObject({
    code: 'SOURCE_CHANGED',
  });
  expect(exists(join(dir, 'live'))).toBe(false);
});

it('refuses a body that is shorter than its Content-Length', async () => {
  const server = await startServer();
  const url = server.serve('/liar', { size: MIB, ignoreRange: true, lengthLie: 10 });
  const dir = tempDir();
  await expect(download(url, dir)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  expect(exists(join(dir, 'liar'))).toBe(false);
});

it('does not mind a Content-Length that is larger than the range', async () => {
  const server = await startServer();
  const url = server.serve('/liar', { size: SIZE, lengthLie: 10 });
  const done = await download(url, tempDir());
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
});

it('says so when the server always sends less than the range that it announces', async () => {
  const server = await startServer();
  const url = server.serve('/liar', { size: SIZE, lengthLie: -10 });
  const dir = tempDir();
  await expect(download(url, dir)).rejects.toMatchObject({ code: 'LENGTH_MISMATCH' });
  expect(exists(join(dir, 'liar'))).toBe(false);
});

it('goes on behind a connection that stalls', async () => {
  const server = await startServer();
  const url = server.serve('/stall', { size: SIZE, stallAfter: MIB, troubles: 5 });
  const done = await download(url, tempDir(), { http: IMPATIENT });
  expect(await fileSha256(done.file.path)).toBe(WHOLE);
  expect(done.progress.reconnects).toBeGreaterThan(0);
});

it('says so when every connection stalls', async () => {
  const server = await startServer();
  const url = server.serve('/stall', {
    size: SIZE,
    stallAfter: 0,
    troubles: 99,
    change: { afterRequests: 0, to: { size: SIZE, silent: true } },
  });
  await expect(probeSource(url, IMPATIENT, NEVER)).rejects.toMatchObject({ code: 'STALLED' });
});

it('stalls in a plain answer are noticed as well', async () => {
  const server = await startServer();
  const url = server.serve('/stall', { size: SIZE, ignoreRange: true, stallAfter: MIB });
  await expect(download(url, tempDir(), { http: IMPATIENT })).rejects.toMatchObject({ code: 'STALLED' });
});

it.each(['not a url', 'ftp://example.org/x', 'file:///etc/passwd', 'http://'])(
  'refuses the address "%s"',
  async (url) => {
    await expect(probeSource(url, HTTP, NEVER)).rejects.toMatchObject({ code: 'INVALID_URL' });
  },
);

it("passes the system's error on when nobody listens", async () => {
  const server = await startServer();
  const url = server.serve('/x', { size: 1 });
  await server.close().catch(() => {});
  await expect(probeSource(url, HTTP, NEVER)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

it.each([{}, { ignoreRange: true }, { chunked: true }])('downloads an empty file %o', async (how) => {
  const server = await startServer();
  const url = server.serve('/empty', { size: 0, ...how });
  const done = await download(url, tempDir());
  expect(done).toMatchObject({ bytes: 0, bytesFetched: 0 });
  expect(exists(done.file.path)).toBe(true);
});

it('keeps a rate limit over all connections together', async () => {
  const server = await startServer();
  const url = server.serve('/limited', { size: 2 * MIB });
  const begun = performance.now();
  await download(url, tempDir(), { limitRate: 2 * MIB });
  const seconds = (performance.now() - begun) / 1000;
  expect(seconds).toBeGreaterThan(0.75);
  expect(seconds).toBeLessThan(3);
});

it('sends credentials of the address, and not to another origin', async () => {
  const server = await startServer();
  const other = await startServer();
  const end = other.serve('/end', { size: MIB });
  const url = server.serve('/start', { size: 0, redirect: end }).replace('http://', 'http://me:s%40crt@');
  await download(url, tempDir());
  expect(server.requests[0]?.headers.authorization).toBe(
    `Basic ${Buffer.from('me:s@crt').toString('base64')}`,
  );
  expect(other.requests.every((r) => r.headers.authorization === undefined)).toBe(true);
});

it("checks the server's own checksum of the whole file", async () => {
  const server = await startServer();
  const right = Buffer.from(contentSha256(1, MIB), 'hex').toString('base64');
  const good = server.serve('/good', { size: MIB, headers: { 'repr-digest': `sha-256=:${right}:` } });
  expect((await download(good, tempDir())).sha256).toBe(contentSha256(1, MIB));
  const wrong = Buffer.alloc(16).toString('base64');
  const bad = server.serve('/bad', { size: MIB, ignoreRange: true, headers: { 'content-md5': wrong } });
  const dir = tempDir();
  await expect(download(bad, dir)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  expect(readdirSync(dir)).toEqual([]);
});

it('generates the content that it serves', () => {
  expect(content(1, 5, 10)).toEqual(content(1, 0, 20).subarray(5, 10));
  expect(content(1, 0, 20)).not.toEqual(content(2, 0, 20));
});

it.each([{}, { cutAfter: MIB }, { stallAfter: MIB, troubles: 3 }])(
  'also fetches ranges from a server whose answers are unusual: %o',
  async (trouble) => {
    const server = await startServer();
    // The fast lane leaves anything that speaks of codings to undici.
    const headers = { 'content-encoding': 'identity' };
    const url = server.serve('/odd', { size: SIZE, headers, ...trouble });
    const done = await download(url, tempDir(), { http: IMPATIENT });
    expect(await fileSha256(done.file.path)).toBe(WHOLE);
    expect(server.requests.filter((r) => r.status === 206).length).toBeGreaterThan(4);
  },
);

it('steals from a slow connection', async () => {
  const server = await startServer();
  const size = 24 * MIB;
  const url = server.serve('/uneven', { size, slowFrom: size / 2, bytesPerSecond: 6 * MIB });
  const done = await download(url, tempDir(), { connections: 2 });
  expect(await fileSha256(done.file.path)).toBe(contentSha256(1, size));
  // One request a connection without stealing.
  expect(server.requests.filter((r) => r.range !== 'bytes=0-0').length).toBeGreaterThan(2);
});
