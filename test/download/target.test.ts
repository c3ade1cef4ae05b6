import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Source } from '../../src/domain/video-download.ts';
import { discardPart, publishPart, reservePart, stillPublished } from '../../src/download/index.ts';
import { contentSha256 } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { download, exists, fileSha256, MIB, startServer } from './helpers.ts';

const SOURCE: Source = {
  url: 'http://x/file',
  finalUrl: 'http://x/file',
  size: 5,
  etag: '"1"',
  lastModified: null,
  acceptsRanges: true,
  suggestedName: 'file',
  digest: null,
};
const MINE = { source: SOURCE, owner: 'task-1', force: false };

/** A small disk of its own; skips the test where that is not allowed. */
function smallDisk(skip: (why: string) => void, options: string): string {
  const dir = tempDir();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    skip('needs the right to mount a tmpfs');
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', dir], { stdio: 'ignore' });
  });
  return dir;
}

it('refuses a target that exists, and replaces it by force', async () => {
  const server = await startServer();
  const url = server.serve('/f', { size: MIB });
  const dir = tempDir();
  writeFileSync(join(dir, 'f'), 'precious');
  await expect(download(url, dir)).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
  expect(readFileSync(join(dir, 'f'), 'utf8')).toBe('precious');
  expect(readdirSync(dir)).toEqual(['f']);
  await download(url, dir, { force: true });
  expect(await fileSha256(join(dir, 'f'))).toBe(contentSha256(1, MIB));
});

it('never overwrites a file that appears while the part file is fetched', async () => {
  const directory = tempDir();
  const { part } = await reservePart({ ...MINE, directory });
  writeFileSync(part.partPath, 'whole');
  writeFileSync(part.targetPath, 'other');
  await expect(publishPart({ part, bytes: 5, force: false })).rejects.toMatchObject({
    code: 'TARGET_EXISTS',
  });
  expect(readFileSync(part.targetPath, 'utf8')).toBe('other');
  expect(exists(part.partPath)).toBe(true);
});

it('publishes again after a crash at any point', async () => {
  const directory = tempDir();
  const { part } = await reservePart({ ...MINE, directory });
  writeFileSync(part.partPath, 'whole');
  // The crash came between the two names.
  linkSync(part.partPath, part.targetPath);
  await expect(reservePart({ ...MINE, directory })).resolves.toMatchObject({ freshStart: null });
  const first = await publishPart({ part, bytes: 5, force: false });
  // The crash came before the result was known.
  expect(await publishPart({ part, bytes: 5, force: false })).toEqual(first);
  expect(readdirSync(directory)).toEqual(['file']);
});

it('notices that the published file is gone or was changed', async () => {
  const directory = tempDir();
  const { part } = await reservePart({ ...MINE, directory });
  writeFileSync(part.partPath, 'whole');
  const file = await publishPart({ part, bytes: 5, force: false });
  expect(await stillPublished(file)).toBe(true);
  utimesSync(file.path, 1, 1);
  expect(await stillPublished(file)).toBe(false);
  expect(await stillPublished({ ...file, path: join(directory, 'gone') })).toBe(false);
});

it('does not publish what is gone', async () => {
  const { part } = await reservePart({ ...MINE, directory: tempDir() });
  await discardPart(part);
  await discardPart(part);
  await expect(publishPart({ part, bytes: 5, force: false })).rejects.toMatchObject({
    code: 'LENGTH_MISMATCH',
  });
});

it("refuses another task's unfinished file, naming the task", async () => {
  const directory = tempDir();
  await reservePart({ ...MINE, directory });
  await expect(reservePart({ ...MINE, directory, owner: 'task-2' })).rejects.toMatchObject({
    code: 'TARGET_BUSY',
    message: expect.stringContaining('task-1'),
  });
});

it('lets only one of two tasks that start at the same moment have the target', async () => {
  const directory = tempDir();
  const owners = Array.from({ length: 8 }, (_, i) => `task-${i}`);
  const outcomes = await Promise.allSettled(
    owners.map((owner) => reservePart({ ...MINE, directory, owner })),
  );
  expect(outcomes.filter((o) => o.status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'TARGET_BUSY' });
  }
  expect(readdirSync(directory).sort()).toEqual(['file.rekindle.map', 'file.rekindle.part']);
});

it('takes over what another task left long ago, but only when it is surely the same file', async () => {
  const directory = tempDir();
  const { part } = await reservePart({ ...MINE, directory });
  const longAgo = Date.now() / 1000 - 3600;
  for (const path of [part.mapPath, part.partPath]) utimesSync(path, longAgo, longAgo);
  const changed = { ...SOURCE, etag: '"2"' };
  const other = { ...MINE, directory, owner: 'task-2' };
  await expect(reservePart({ ...other, source: changed })).rejects.toMatchObject({ code: 'TARGET_BUSY' });
  await expect(reservePart(other)).resolves.toMatchObject({ freshStart: null });
  await expect(reservePart({ ...MINE, directory })).rejects.toMatchObject({ code: 'TARGET_BUSY' });
});

it.each(['part', 'map'])('never writes through a symbolic link in place of the %s file', async (which) => {
  const server = await startServer();
  const url = server.serve('/f', { size: MIB });
  const dir = tempDir();
  const outside = join(tempDir(), 'victim');
  writeFileSync(outside, 'precious');
  symlinkSync(outside, join(dir, `f.rekindle.${which}`));
  await download(url, dir).catch((error: unknown) => expect(error).toMatchObject({ code: 'TARGET_OUTSIDE' }));
  expect(readFileSync(outside, 'utf8')).toBe('precious');
});

it('replaces a symbolic link under the final name itself, not what it points to', async () => {
  const server = await startServer();
  const url = server.serve('/f', { size: MIB });
  const dir = tempDir();
  const outside = join(tempDir(), 'victim');
  writeFileSync(outside, 'precious');
  symlinkSync(outside, join(dir, 'f'));
  await expect(download(url, dir)).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
  await download(url, dir, { force: true });
  expect(readFileSync(outside, 'utf8')).toBe('precious');
});

it('refuses names and directories that lead elsewhere', async () => {
  const directory = tempDir();
  await expect(reservePart({ ...MINE, directory, fileName: '../x' })).rejects.toMatchObject({
    code: 'TARGET_OUTSIDE',
  });
  await expect(reservePart({ ...MINE, directory: 'relative' })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  mkdirSync(join(directory, 'file'));
  await expect(reservePart({ ...MINE, directory, force: true })).rejects.toMatchObject({
    code: 'TARGET_EXISTS',
  });
  expect(readdirSync(directory)).toEqual(['file']);
});

it('a file in place of the directory is a clear error', async () => {
  const directory = join(tempDir(), 'x');
  writeFileSync(directory, '');
  await expect(reservePart({ ...MINE, directory })).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
});

it('refuses at once what does not fit on the disk, with both figures', async ({ skip }) => {
  const directory = smallDisk(skip, 'size=4m');
  const source = { ...SOURCE, size: 9 * MIB };
  await expect(reservePart({ ...MINE, source, directory })).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringMatching(/10\.0 MiB needed, 4\.0 MiB free/),
    facts: { needed: 10 * MIB },
  });
  expect(readdirSync(directory)).toEqual([]);
});

it('stops when the disk fills up half-way, and goes on when there is space again', async ({ skip }) => {
  const directory = smallDisk(skip, 'size=8m');
  const server = await startServer();
  const url = server.serve('/f', { size: 5 * MIB, chunked: true });
  const ballast = join(directory, 'ballast');
  writeFileSync(ballast, Buffer.alloc(5 * MIB));
  await expect(download(url, directory)).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect(exists(join(directory, 'f'))).toBe(false);
  writeFileSync(ballast, '');
  const done = await download(url, directory);
  expect(await fileSha256(done.file.path)).toBe(contentSha256(1, 5 * MIB));
});

it('keeps the bytes of a ranged transfer when the disk fills up', async ({ skip }) => {
  const directory = smallDisk(skip, 'size=8m');
  const server = await startServer();
  const url = server.serve('/f', { size: 5 * MIB, bytesPerSecond: 8 * MIB });
  const ballast = join(directory, 'ballast');
  const filling = server
    .until(() => server.requests.length > 1)
    .then(() => writeFileSync(ballast, Buffer.alloc(5 * MIB)));
  await expect(download(url, directory)).rejects.toMatchObject({ code: 'DISK_FULL' });
  await filling;
  writeFileSync(ballast, '');
  const done = await download(url, directory);
  expect(done.resumed).toBe(true);
  expect(await fileSha256(done.file.path)).toBe(contentSha256(1, 5 * MIB));
});

it('says that a read-only directory cannot be written', async ({ skip }) => {
  const directory = smallDisk(skip, 'size=9m,ro');
  await expect(reservePart({ ...MINE, directory })).rejects.toMatchObject({
    code: 'NOT_WRITABLE',
    message: expect.stringContaining(directory),
  });
});
