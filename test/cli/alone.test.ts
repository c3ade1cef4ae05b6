import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineStatus } from '../../src/engine/embedded.ts';
import { contentSha256, MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { json, ownDataDir, rekindle, start } from './support/cli.ts';

let server: MisbehavingServer;
beforeAll(async () => {
  server = await MisbehavingServer.start();
});
afterAll(() => server.close());

const MIB = 1024 * 1024;

function statusesInMirror(dataDir: string): string[] {
  const database = new Database(join(dataDir, 'recovery.db'), { readonly: true });
  try {
    return database.prepare('SELECT status FROM task_states').pluck().all() as string[];
  } finally {
    database.close();
  }
}

test('with nothing running a download brings up what it needs, takes it down, and the mirror shows its end', async () => {
  const dataDir = ownDataDir();
  const url = server.serve('/cold.bin', { size: 200_000 });
  const at = ['--data-dir', dataDir];
  const result = await json(['download', url, '--to', tempDir(), ...at]);
  expect(result).toMatchObject({ status: 'completed', bytes: 200_000 });
  expect(statusesInMirror(dataDir)).toEqual(['completed']);
  expect(engineStatus(dataDir)).toBeNull();
  expect(await json(['down', ...at])).toEqual({ stopped: null });
  expect(await json(['mirror', 'check', ...at])).toMatchObject({ ok: true, compared: 1 });
});

test('the launcher does the same under an older Node, and passes on Ctrl-C', async () => {
  const node = existsSync('/usr/bin/node') ? '/usr/bin/node' : process.execPath;
  const dataDir = ownDataDir();
  const url = server.serve('/old-node.bin', { size: MIB, bytesPerSecond: MIB / 8 });
  const command = start(['download', url, '--to', tempDir(), '--data-dir', dataDir, '--json'], { node });
  await server.until(() => server.bytesSent('/old-node.bin') > 0);
  command.kill('SIGINT');
  const ended = await command.end();
  expect([ended.code, ended.json.error.code]).toEqual([130, 'INTERRUPTED']);
  expect(engineStatus(dataDir)).toBeNull();
});

describe('a download that is ended in the middle', () => {
  const SIZE = 8 * MIB;
  test.each([
    ['Ctrl-C', 'SIGINT'],
    ['kill -9', 'SIGKILL'],
  ] as const)(
    'by %s goes on with the next command, which fetches little again',
    async (name, signal) => {
      const path = `/interrupted-${signal}.bin`;
      const dataDir = ownDataDir();
      const to = tempDir('target');
      const url = server.serve(path, { size: SIZE, bytesPerSecond: 2 * MIB });
      const args = ['download', url, '--to', to, '--data-dir', dataDir];
      const command = start(args);
      await server.until(() => server.bytesSent(path) > SIZE / 2);
      command.kill(signal);
      const ended = await command.end();
      if (name === 'Ctrl-C') {
        expect(ended.code).toBe(130);
        expect(ended.stderr).toContain('what was fetched is kept');
        expect(engineStatus(dataDir)).toBeNull();
      }
      expect(readdirSync(to)).not.toContain(path.slice(1));
      const sentBefore = server.bytesSent(path);
      server.serve(path, { size: SIZE });
      const done = await json(args);
      expect(done).toMatchObject({ status: 'completed', sha256: contentSha256(1, SIZE), resumed: true });
      const twice = sentBefore + server.bytesSent(path) - sentBefore - SIZE;
      expect(twice).toBeLessThan(4 * MIB);
    },
    60_000,
  );
});

describe('rekindle up', () => {
  test('ends gracefully with SIGTERM and takes its engine along', async () => {
    const dataDir = ownDataDir();
    const up = start(['up', '--json', '--data-dir', dataDir]);
    const { address, ui_address } = JSON.parse(await up.line());
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect((await fetch(ui_address)).status).toBe(200);
    up.kill('SIGTERM');
    const ended = await up.end();
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('stopped')]);
    expect(engineStatus(dataDir)).toBeNull();
  });

  test('that hangs while it stops ends at once with the second Ctrl-C', async () => {
    const dataDir = ownDataDir();
    const up = start(['up', '--json', '--data-dir', dataDir]);
    await up.line();
    const engine = engineStatus(dataDir)?.pid ?? 0;
    process.kill(engine, 'SIGSTOP');
    up.kill('SIGINT');
    const again = setInterval(() => up.kill('SIGINT'), 100);
    const ended = await up.end();
    clearInterval(again);
    expect(ended.code).toBe(130);
    process.kill(engine, 'SIGCONT');
  });

  test('that was killed leaves an engine, which down stops', async () => {
    const dataDir = ownDataDir();
    const up = start(['up', '--json', '--data-dir', dataDir]);
    await up.line();
    up.kill('SIGKILL');
    await up.end();
    const left = engineStatus(dataDir);
    expect(await json(['down', '--data-dir', dataDir])).toEqual({
      stopped: { pid: left?.pid, address: left?.address, outcome: expect.stringMatching(/stopped|killed/) },
    });
    expect(engineStatus(dataDir)).toBeNull();
  });
});

test('a worker alone keeps an engine up, and is a service for other commands', async () => {
  const dataDir = ownDataDir();
  const worker = start(['worker', '--json', '--data-dir', dataDir]);
  expect(JSON.parse(await worker.line())).toMatchObject({ status: 'working', task_queue: 'rekindle' });
  const url = server.serve('/worker.bin', { size: 1000 });
  const args = ['--data-dir', dataDir];
  const { task_id } = await json(['download', url, '--to', tempDir(), '--detach', ...args]);
  expect(await json(['task', 'wait', task_id, ...args])).toMatchObject({ status: 'completed' });
  worker.kill('SIGTERM');
  expect((await worker.end()).code).toBe(0);
  expect(engineStatus(dataDir)).toBeNull();
});

describe('a mirror in trouble', () => {
  test('a lock that cannot be taken makes the command no owner, and stops no task', async () => {
    const dataDir = ownDataDir();
    mkdirSync(join(dataDir, 'recovery.db.lock'), { recursive: true });
    const url = server.serve('/no-mirror.bin', { size: 1000 });
    const args = ['download', url, '--to', tempDir(), '--data-dir', dataDir];
    expect(await rekindle(args)).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(dataDir, 'recovery.db'))).toBe(false);
    const run = await json(['mirror', 'run', '--data-dir', dataDir], 1);
    expect(run.error.code).toBe('NOT_WRITABLE');
  });

  test('a damaged file is a warning of doctor, and rebuild keeps it aside', async () => {
    const dataDir = ownDataDir();
    const at = ['--data-dir', dataDir];
    const url = server.serve('/mirrored.bin', { size: 1000 });
    await json(['download', url, '--to', tempDir(), ...at]);
    const file = join(dataDir, 'recovery.db');
    writeFileSync(file, 'rubbish, and more of it than a header is long '.repeat(100));
    const doctor = await json(['doctor', ...at]);
    expect(doctor.ok).toBe(true);
    expect(doctor.checks).toContainEqual(expect.objectContaining({ name: 'mirror', level: 'warning' }));
    const rebuilt = await rekindle(['mirror', 'rebuild', ...at]);
    expect(rebuilt.stdout).toMatch(
      /was rebuilt from 1 run\(s\) of tasks\nthe damaged file is kept as .*recovery\.db\.damaged-/,
    );
    expect(readdirSync(dirname(file)).some((name) => name.startsWith('recovery.db.damaged-'))).toBe(true);
    rmSync(file);
    const again = await json(['mirror', 'rebuild', ...at]);
    expect(again).toMatchObject({ records: 1, setAside: null, problems: [] });
    expect(statusesInMirror(dataDir)).toEqual(['completed']);
  }, 60_000);
});

test('doctor tells a data directory that cannot be written, with exit code 1', async () => {
  const file = join(tempDir('doctor'), 'data');
  writeFileSync(file, '');
  const { ok, checks } = await json(['doctor', '--data-dir', file], 1);
  expect(ok).toBe(false);
  const finding = { name: 'data directory', level: 'fault', hint: expect.stringContaining('--data-dir') };
  expect(checks).toContainEqual(expect.objectContaining(finding));
});

test('the demo ends well by itself, in a data directory of its own, without a terminal', async () => {
  const cwd = tempDir('demo');
  const demo = start(['demo', '--json', '--log-level', 'error'], { cwd });
  const { code, json: story, stderr } = await demo.end();
  expect([code, stderr]).toEqual([0, '']);
  expect(story).toMatchObject({ status: 'completed', sha256_matches: true, resumed: true });
  expect(story.server).toMatchObject({ refused: 2, cut: expect.any(Number) });
  expect(story.server.cut).toBeGreaterThan(0);
  expect(story.killed_at).toBeGreaterThanOrEqual(0.5);
  expect(story.ui_address).toContain(story.task_id);
  expect(engineStatus(join(cwd, 'data'))).toBeNull();
  expect(JSON.stringify(readdirSync(cwd))).toBe('["data"]');
}, 90_000);

test('a log level that is asked for shows the retries, and the default does not', async () => {
  const dataDir = ownDataDir();
  const refuse = { status: 503, times: 1, headers: { 'retry-after': '0' } };
  const run = (path: string, ...more: string[]) => {
    const url = server.serve(path, { size: 1000, refuse });
    return rekindle(['download', url, '--to', tempDir(), '--data-dir', dataDir, ...more]);
  };
  const quiet = await run('/quiet.bin');
  expect([quiet.code, quiet.stderr]).toEqual([0, '']);
  const loud = await run('/loud.bin', '--log-level', 'debug');
  expect(loud.stderr).toContain('Activity failed');
  for (const line of readFileLines(loud.stderr)) expect(JSON.parse(line)).toHaveProperty('level');
}, 60_000);

function readFileLines(text: string): string[] {
  return text.trim().split('\n');
}
