import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cachedExecutable, findExecutable } from '../../src/engine/executable.ts';
import { tempDir } from '../support/temp-dir.ts';

const TEMPORAL = '#!/bin/sh\necho "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"\n';
/** Nothing listens there: refused at once. */
const NO_SERVICE = 'http://127.0.0.1:1';

function program(path: string, text: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

/** A Go that counts how often it builds, slowly enough for a second command to come in between. */
function fakeGo(
  dir: string,
  result = `printf '%s' '${TEMPORAL}' > "$GOBIN/temporal"; chmod 755 "$GOBIN/temporal"`,
): string {
  const script = `#!/bin/sh
PATH=/usr/bin:/bin
if [ "$1" = version ]; then echo "go version go1.99 test/test"; exit 0; fi
echo x >> '${join(dir, 'builds')}'
echo "go: downloading something v1" >&2
sleep 0.3
${result}
`;
  program(join(dir, 'go'), script);
  return dir;
}

function cache(dir = tempDir('cache')): { executable: null; cacheDir: string } {
  return { executable: null, cacheDir: dir };
}

test('the setting wins over everything', async () => {
  const dir = tempDir();
  const set = program(join(dir, 'my-temporal'), TEMPORAL);
  program(join(dir, 'bin', 'temporal'), TEMPORAL);
  const env = { PATH: join(dir, 'bin') };
  expect(await findExecutable({ ...cache(), executable: set }, { env })).toEqual({
    path: set,
    origin: 'setting',
  });
});

test('a setting that does not work is an error, never replaced by something else', async () => {
  const dir = tempDir();
  program(join(dir, 'bin', 'temporal'), TEMPORAL);
  const other = program(join(dir, 'other'), '#!/bin/sh\necho hello\n');
  const env = { PATH: join(dir, 'bin') };
  for (const [executable, reason] of [
    [join(dir, 'missing'), 'ENOENT'],
    [other, 'it is no Temporal CLI'],
  ] as const)
    await expect(findExecutable({ ...cache(), executable }, { env })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining(reason),
      hint: expect.stringContaining('REKINDLE_TEMPORAL_CLI'),
    });
});

test('`temporal` on PATH comes before the cache', async () => {
  const dir = tempDir();
  const settings = cache();
  program(join(dir, 'temporal'), TEMPORAL);
  program(cachedExecutable(settings.cacheDir), TEMPORAL);
  const found = await findExecutable(settings, { env: { PATH: dir } });
  expect(found).toEqual({ path: 'temporal', origin: 'path' });
});

test('a `temporal` on PATH that is too old or broken is passed over', async () => {
  for (const text of ['#!/bin/sh\necho temporal version 0.10.7\n', '#!/bin/sh\nexit 3\n']) {
    const dir = tempDir();
    const settings = cache();
    program(join(dir, 'temporal'), text);
    const path = program(cachedExecutable(settings.cacheDir), TEMPORAL);
    expect(await findExecutable(settings, { env: { PATH: dir } })).toEqual({ path, origin: 'cache' });
  }
});

test('it is downloaded into the cache, once', async () => {
  const dir = tempDir();
  program(join(dir, 'temporal'), TEMPORAL);
  spawnSync('tar', ['-czf', join(dir, 'archive.tar.gz'), '-C', dir, 'temporal']);
  const asked: string[] = [];
  const service = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/cli/'))
      response.end(JSON.stringify({ archiveUrl: `${url}/archive.tar.gz`, fileToExtract: 'temporal' }));
    else response.end(readFileSync(join(dir, 'archive.tar.gz')));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void service.close());
  await new Promise((resolve) => service.once('listening', resolve));
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const settings = cache();
  const options = { env: { PATH: tempDir() }, downloadService: url };
  const path = cachedExecutable(settings.cacheDir);
  expect(await findExecutable(settings, options)).toEqual({ path, origin: 'download' });
  expect(asked[0]).toMatch(/^\/cli\/v1\.5\.1\?arch=\w+&platform=\w+$/);
  expect(await findExecutable(settings, options)).toEqual({ path, origin: 'cache' });
  expect(asked).toHaveLength(2);
  expect(spawnSync(path, ['--version']).stdout.toString()).toContain('1.5.1');
});

test('it is built with Go when the download is out of reach, and every step is told', async () => {
  const bin = fakeGo(tempDir());
  const settings = cache();
  const said: string[] = [];
  const options = {
    env: { PATH: bin },
    downloadService: NO_SERVICE,
    say: (line: string) => void said.push(line),
  };
  const path = cachedExecutable(settings.cacheDir);
  expect(await findExecutable(settings, options)).toEqual({ path, origin: 'build' });
  expect(said.join('\n')).toMatch(
    /no download: .*out of reach.*\nbuilding the Temporal server with go1\.99[\s\S]*built in/,
  );
});

test('two that need it at once build it once, and the second one says that it waits', async () => {
  const bin = fakeGo(tempDir());
  const settings = cache();
  const said: string[] = [];
  const options = {
    env: { PATH: bin },
    downloadService: NO_SERVICE,
    say: (line: string) => void said.push(line),
  };
  const found = await Promise.all([findExecutable(settings, options), findExecutable(settings, options)]);
  expect(found.map(({ origin }) => origin).sort()).toEqual(['build', 'cache']);
  expect(readFileSync(join(bin, 'builds'), 'utf8')).toBe('x\n');
  expect(said.join('\n')).toContain(`process ${process.pid} is getting the Temporal server already`);
});

test('a build that fails leaves nothing behind, and everything that was tried is listed', async () => {
  const bin = fakeGo(tempDir(), 'echo "no space left on device" >&2; exit 1');
  const settings = cache();
  const finding = findExecutable(settings, { env: { PATH: bin }, downloadService: NO_SERVICE });
  const error = await finding.catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    hint: expect.stringContaining('TEMPORAL_ADDRESS'),
  });
  expect((error as Error).message).toMatch(
    /`temporal` on PATH: [\s\S]*our cache: no [\s\S]*download: [\s\S]*out of reach[\s\S]*build: [\s\S]*no space left on device/,
  );
  expect(existsSync(cachedExecutable(settings.cacheDir))).toBe(false);
});

test('without Go the error says so', async () => {
  const options = { env: { PATH: tempDir() }, downloadService: NO_SERVICE };
  await expect(findExecutable(cache(), options)).rejects.toThrow(/build: Go is not installed/);
});
