import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { filesIn, sha256Of } from '../support/downloads.ts';
import { contentSha256 } from '../support/misbehaving-server.ts';
import { suiteRekindle } from '../support/rekindle.ts';
import { tempDir } from '../support/temp-dir.ts';
import { freshDist } from './dist.ts';

const suite = suiteRekindle();
const EXAMPLE = resolve(import.meta.dirname, '..', '..', 'examples', 'start-download.ts');

beforeAll(freshDist, 60_000);

/** Runs the example as its reader would, beside a running rekindle. */
async function runExample(...args: string[]) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, REKINDLE_DATA_DIR: suite().config.dataDir };
  const result = promisify(execFile)(process.execPath, [EXAMPLE, ...args], { env, cwd: tempDir('cwd') });
  return result.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
}

test('the example downloads a file and says where it is', async () => {
  const to = tempDir();
  const url = suite().server.serve('/lesson.mp4', { size: 100_000 });
  const { code, stdout, stderr } = await runExample(url, to);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^task download-lesson\.mp4-[0-9a-f]{12}\n/);
  expect(stdout).toContain(`${join(to, 'lesson.mp4')}: 100000 bytes, 0 retries`);
  expect(sha256Of(join(to, 'lesson.mp4'))).toBe(contentSha256(1, 100_000));
});

test('the example says why a download failed', async () => {
  const to = tempDir();
  const url = suite().server.serve('/gone.mp4', { size: 1, refuse: { status: 410, times: 99 } });
  const { code, stderr } = await runExample(url, to);
  expect(code).toBe(1);
  expect(stderr).toContain('failed (unrecoverable_business): ');
  expect(filesIn(to).all).toEqual([]);
});

test('the example says how it is used', async () => {
  const { code, stderr } = await runExample();
  expect(code).toBe(2);
  expect(stderr).toContain('usage: ');
});
