import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { confine } from '../../src/download/confine.ts';
import { probeSource, publishPart, reservePart, transfer } from '../../src/download/index.ts';
import { MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const HTTP = { stallTimeoutMs: 3000, connectTimeoutMs: 2000, maxRedirects: 5 };
const signal = new AbortController().signal;
const OUTSIDE = { code: 'TARGET_OUTSIDE' };

async function serverOf(): Promise<MisbehavingServer> {
  const server = await MisbehavingServer.start();
  onTestFinished(() => server.close());
  return server;
}

describe('a file that is too large', () => {
  test('is refused before anything is fetched when its size is known', async () => {
    const url = (await serverOf()).serve('/file', { size: 1001 });
    const http = { ...HTTP, maxBytes: 1000 };
    await expect(probeSource(url, http, signal)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect((await probeSource(url, { ...HTTP, maxBytes: 1001 }, signal)).size).toBe(1001);
  });

  test.each([
    ['of a size that nobody says', { chunked: true }],
    ['compressed to less', { gzip: true }],
  ])('is not fetched further: %s', async (_what, behaviour) => {
    const url = (await serverOf()).serve('/file', { size: 3_000_000, ...behaviour });
    const http = { ...HTTP, maxBytes: 1_000_000 };
    const source = await probeSource(url, http, signal);
    expect(source.size).toBe(null);
    const { part } = await reservePart({ source, directory: tempDir(), owner: 'me', force: false });
    let stored = 0;
    const fetching = transfer({
      source,
      part,
      owner: 'me',
      connections: 1,
      http,
      signal,
      onProgress: ({ downloadedBytes }) => {
        stored = downloadedBytes;
      },
    });
    await expect(fetching).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(stored).toBeLessThanOrEqual(1_000_000);
  });
});

describe('targets', () => {
  test('lie in the directories that are allowed, links followed', async () => {
    const base = tempDir();
    const [root, elsewhere] = [join(base, 'root'), join(base, 'root-of-others')];
    mkdirSync(root);
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(root, 'link'));
    symlinkSync(root, join(base, 'way-in'));
    for (const inside of [root, join(root, 'a/b/c'), join(base, 'way-in', 'x'), `${root}/..x`])
      await expect(confine(inside, ['/nowhere', root])).resolves.toBeUndefined();
    for (const outside of [
      base,
      elsewhere,
      join(root, '..', 'x'),
      join(root, 'link'),
      join(root, 'link', 'deep', 'er'),
      `${root}x`,
    ])
      await expect([outside, await confine(outside, [root]).catch(({ code }) => code)]).toEqual([
        outside,
        OUTSIDE.code,
      ]);
    await expect(confine(root, [])).rejects.toMatchObject(OUTSIDE);
  });

  test('outside of them are refused before a directory is made', async () => {
    const url = (await serverOf()).serve('/file', { size: 10 });
    const source = await probeSource(url, HTTP, signal);
    const base = tempDir();
    const [root, elsewhere] = [join(base, 'root'), join(base, 'elsewhere')];
    mkdirSync(root);
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(root, 'link'));
    const reserve = (directory: string) =>
      reservePart({ source, directory, owner: 'me', force: false, roots: [root] });
    await expect(reserve(join(base, 'new'))).rejects.toMatchObject(OUTSIDE);
    await expect(reserve(join(root, 'link', 'new'))).rejects.toMatchObject(OUTSIDE);
    expect([existsSync(join(base, 'new')), readdirSync(elsewhere)]).toEqual([false, []]);
    expect((await reserve(join(root, 'new'))).part.targetPath).toBe(join(root, 'new', 'file'));
  });

  test('whose directory somebody replaces by a link are not written', async () => {
    const url = (await serverOf()).serve('/file', { size: 10 });
    const source = await probeSource(url, HTTP, signal);
    const base = tempDir();
    const [directory, elsewhere] = [join(base, 'directory'), join(base, 'elsewhere')];
    mkdirSync(elsewhere);
    const { part } = await reservePart({ source, directory, owner: 'me', force: false });
    renameSync(directory, join(base, 'moved'));
    symlinkSync(elsewhere, directory);
    const work = {
      source,
      part,
      owner: 'me',
      connections: 1,
      http: HTTP,
      signal,
      onProgress: () => undefined,
    };
    await expect(transfer(work)).rejects.toMatchObject(OUTSIDE);
    await expect(publishPart({ part, bytes: 10, force: true })).rejects.toMatchObject(OUTSIDE);
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});
