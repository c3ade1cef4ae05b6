/** What bounds downloads, those of others above all. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DownloadRequest } from '../../src/client/download-input.ts';
import { MIB, QUICK_RETRIES } from '../support/downloads.ts';
import { suiteRekindle } from '../support/rekindle.ts';
import { tempDir } from '../support/temp-dir.ts';

const bench = suiteRekindle(QUICK_RETRIES);
const failureOf = async (request: DownloadRequest) =>
  await (await bench().rekindle.download(request)).wait().then(
    () => null,
    (error: { failure: unknown }) => error.failure,
  );

test('a download of somebody else gets to nothing private, and writes nowhere that nobody allowed', async () => {
  const url = bench().server.serve('/private', { size: 10 });
  const before = bench().server.requests.length;
  const to = join(tempDir(), 'new');
  expect(await failureOf({ url, to, untrusted: true })).toMatchObject({
    errorType: 'ADDRESS_FORBIDDEN',
    category: 'unrecoverable_config',
    attempts: {},
  });
  expect(bench().server.requests.length).toBe(before);
  expect(existsSync(to)).toBe(false);
});

test('a file that is larger than asked for is not fetched', async () => {
  const url = bench().server.serve('/large', { size: 2000 });
  expect(await failureOf({ url, to: tempDir(), maxBytes: 1999 })).toMatchObject({
    errorType: 'TOO_LARGE',
    category: 'unrecoverable_business',
  });
  expect(await failureOf({ url, to: tempDir(), maxBytes: 2000 })).toBe(null);
});

test('a transfer that takes longer than it may is given up, whatever it tries', {
  timeout: 30_000,
}, async () => {
  const url = bench().server.serve('/slow', { size: MIB, bytesPerSecond: 50_000 });
  const begun = Date.now();
  expect(await failureOf({ url, to: tempDir(), maxDurationMs: 1500 })).toMatchObject({
    errorType: 'TOO_LONG',
  });
  expect(Date.now() - begun).toBeLessThan(12_000);
});

test('a request that names no session or no limit is refused before it is a task', async () => {
  const url = bench().server.serve('/x', { size: 10 });
  mkdirSync(join(tempDir(), 'x'));
  for (const wrong of [{ session: 'a/b/c' }, { session: '../x' }, { maxBytes: 0 }, { maxDurationMs: -1 }])
    await expect(bench().rekindle.download({ url, ...wrong })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
});
