import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { rekindle } from './support/cli.ts';

const URL_OK = 'http://127.0.0.1:9/a.bin';

describe('a wrong command line is one clear line, exit code 2, and starts nothing', () => {
  const cases: [name: string, args: string[], said: RegExp][] = [
    ['an unknown option', ['download', URL_OK, '--forse'], /unknown option '--forse'/],
    ['an unknown command', ['downlaod'], /unknown command 'downlaod'/],
    [
      'an option without its value',
      ['download', URL_OK, '--to'],
      /option '--to <dir>'.*value of the option is missing/,
    ],
    ['options and no command', ['notify', '--locale', 'en'], /no command was given/],
    ['a task without id', ['task', 'show'], /missing required argument 'id'/],
    ['no URL', ['download'], /no URL was given/],
    ['a URL that is none', ['download', 'lesson.mp4'], /"lesson\.mp4" is not a URL/],
    ['a scheme of another kind', ['download', 'ftp://host/a'], /only http and https/],
    ['a rate that is none', ['download', URL_OK, '--limit-rate', 'fast'], /--limit-rate fast is no rate/],
    ['connections that are no number', ['download', URL_OK, '--connections', 'many'], /connections/],
    ['too many connections', ['download', URL_OK, '--connections', '99'], /connections/],
    ['a checksum that is none', ['download', URL_OK, '--sha256', 'abc'], /64 hex digits/],
    ['a name with a path', ['download', URL_OK, '--name', '../a'], /plain file name/],
    ['one name for two URLs', ['download', URL_OK, `${URL_OK}2`, '--name', 'a'], /for one URL only/],
    ['a list that is not there', ['download', '--input', 'none.txt'], /--input none\.txt cannot be read/],
    ['a status that is none', ['task', 'list', '--status', 'done'], /--status done is no status/],
    ['a limit that is none', ['task', 'list', '--limit', '-3'], /no positive number/],
    ['a locale that is none', ['stats', '--locale', 'fr'], /--locale/],
    ['a configuration that is not there', ['stats', '--config', 'none.yaml'], /none\.yaml does not exist/],
  ];
  test.each(cases)('%s', async (_name, args, said) => {
    const cwd = tempDir('usage');
    const result = await rekindle([...args, '--json'], { cwd });
    expect(result.stderr).toMatch(said);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(result.code).toBe(2);
    expect(result.json.error).toMatchObject({
      message: expect.stringMatching(said),
      hint: expect.any(String),
    });
    expect(existsSync(join(cwd, 'data'))).toBe(false);
  });

  test('all wrong URLs are listed at once', async () => {
    const result = await rekindle(['download', 'a', 'ftp://b/', URL_OK, 'http://'], {
      cwd: tempDir('usage'),
    });
    expect(result.code).toBe(2);
    for (const said of ['"a" is not a URL', '"ftp://b/" has the scheme', '"http://" is not a URL'])
      expect(result.stderr).toContain(said);
    expect(result.stdout).toBe('');
  });

  test('all problems of a configuration are listed at once, each with its key', async () => {
    const cwd = tempDir('usage');
    writeFileSync(
      join(cwd, 'rekindle.yaml'),
      'recovery: { database: { max_connections: none } }\nengine: { synchronous: off, prot: 7 }\ndownload: { connections: 0 }\n',
    );
    const env = { FAILURE_SCAN_INTERVAL_MINUTES: 'often' };
    const result = await rekindle(['download', URL_OK, '--json'], { cwd, env });
    expect(result.code).toBe(2);
    expect(result.json.error.code).toBe('INVALID_CONFIG');
    for (const key of [
      'max_connections',
      'engine.synchronous',
      'prot',
      'download.connections',
      'FAILURE_SCAN_INTERVAL_MINUTES',
    ])
      expect(result.json.error.message).toContain(key);
    expect(existsSync(join(cwd, 'data'))).toBe(false);
  });

  test('a configuration that is no YAML, or a directory, is told with its path', async () => {
    const cwd = tempDir('usage');
    writeFileSync(join(cwd, 'rekindle.yaml'), 'recovery: [\n');
    mkdirSync(join(cwd, 'dir.yaml'));
    const broken = await rekindle(['stats'], { cwd });
    expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('rekindle.yaml')]);
    const directory = await rekindle(['stats', '--config', 'dir.yaml'], { cwd });
    expect([directory.code, directory.stderr]).toEqual([
      2,
      expect.stringContaining('dir.yaml cannot be read'),
    ]);
  });
});

describe('the language of an error', () => {
  const wrong = ['download', 'lesson.mp4'];
  test('is Chinese by default', async () => {
    const result = await rekindle(wrong, { cwd: tempDir('usage'), env: { REKINDLE_LOCALE: '' } });
    expect(result.stderr).toMatch(/^错误：/);
  });
  test('follows the flag, then the environment, then the file', async () => {
    const cwd = tempDir('usage');
    writeFileSync(join(cwd, 'rekindle.yaml'), 'locale: en\n');
    const [file, environment, flag] = await Promise.all([
      rekindle(wrong, { cwd, env: { REKINDLE_LOCALE: '' } }),
      rekindle(wrong, { cwd, env: { REKINDLE_LOCALE: 'zh-CN' } }),
      rekindle([...wrong, '--locale=en'], { cwd, env: { REKINDLE_LOCALE: 'zh-CN' } }),
    ]);
    expect(file.stderr).toMatch(/^error: /);
    expect(environment.stderr).toMatch(/^错误：/);
    expect(flag.stderr).toMatch(/^error: /);
  });
  test('is that of a configuration file also when the rest of it is wrong', async () => {
    const cwd = tempDir('usage');
    writeFileSync(join(cwd, 'rekindle.yaml'), 'locale: en\nnonsense: 1\n');
    const result = await rekindle(['stats'], { cwd, env: { REKINDLE_LOCALE: '' } });
    expect(result.stderr).toMatch(/^error: .*nonsense/s);
  });
});

test('without a command the help is shown, and it counts as a mistake', async () => {
  const result = await rekindle([]);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('Usage: rekindle');
});

test('--version is the version of package.json', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await rekindle(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('a Node that is too old for rekindle starts it with the right one', async () => {
  const node = existsSync('/usr/bin/node') ? '/usr/bin/node' : process.execPath;
  const result = await rekindle(['download', 'lesson.mp4', '--json'], { node, cwd: tempDir('usage') });
  expect(result.code).toBe(2);
  expect(result.json.error.code).toBe('INVALID_URL');
});
