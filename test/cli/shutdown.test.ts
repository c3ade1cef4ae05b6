/** The proper end: nothing is lost, nothing is spent, nothing stays behind. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentSha256, MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { json, ownDataDir, rekindle, start } from './support/cli.ts';

const MIB = 1024 * 1024;
let server: MisbehavingServer;
beforeAll(async () => {
  server = await MisbehavingServer.start();
});
afterAll(() => server.close());

async function up(dataDir: string, more: readonly string[] = []) {
  const process = start(['up', '--json', '--data-dir', dataDir, ...more]);
  expect(JSON.parse(await process.line())).toMatchObject({ status: 'up' });
  return process;
}

function rows(dataDir: string, sql: string): unknown[] {
  const database = new Database(join(dataDir, 'recovery.db'), { readonly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

/** What of a data directory tells of a crash. */
function leftBehind(dataDir: string): string[] {
  const run = readdirSync(join(dataDir, 'run'));
  return [
    ...run.filter((name) => /\.journal$|\.holder$|\.tmp$/.test(name)),
    ...readdirSync(join(dataDir, 'engine', 'users')),
    ...readdirSync(dataDir).filter((name) => /-wal$|\.holder$/.test(name)),
  ];
}

test('a restart under load loses no progress and spends no budget: 30 downloads in flight', {
  timeout: 240_000,
}, async () => {
  const dataDir = ownDataDir();
  const first = await up(dataDir);
  const size = 3 * MIB;
  const files = Array.from({ length: 30 }, (_, n) => ({ path: `/load-${n}.bin`, seed: n + 1 }));
  const urls = files.map(({ path, seed }) => server.serve(path, { size, seed, bytesPerSecond: MIB / 8 }));
  const to = tempDir('downloads');
  const list = join(tempDir(), 'urls');
  writeFileSync(list, urls.join('\n'));
  const started = ['download', '--input', list, '--to', to, '--connections', '2', '--detach'];
  const { task_ids } = await json([...started, '--data-dir', dataDir]);
  expect(task_ids).toHaveLength(30);
  const underWay = () => files.every(({ path }) => server.bytesSent(path) > MIB / 4);
  await server.until(underWay);

  first.kill('SIGTERM');
  const { code, stderr } = await first.end();
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('"level":50')]);
  expect(leftBehind(dataDir)).toEqual([]);
  const before = files.map(({ path }) => server.bytesSent(path));

  await up(dataDir);
  for (const { path, seed } of files) server.serve(path, { size, seed });
  const ended = () =>
    rows(
      dataDir,
      'SELECT status, retry_count, recovery_attempts FROM task_states JOIN task_runs USING (task_id)',
    );
  const well = { status: 'completed', retry_count: 0, recovery_attempts: 0 };
  await expect.poll(ended, { timeout: 120_000, interval: 500 }).toEqual(task_ids.map(() => well));
  for (const [n, { path, seed }] of files.entries()) {
    const hash = createHash('sha256').update(readFileSync(join(to, path)));
    expect(hash.digest('hex')).toBe(contentSha256(seed, size));
    // What had arrived was not asked for again, but for what was on its way in the sockets.
    const again = server.bytesSent(path) - size;
    expect([path, again < MIB, (before[n] ?? 0) > 0]).toEqual([path, true, true]);
  }
  // It was no crash.
  expect(rows(dataDir, `SELECT * FROM sessions WHERE session_type = 'recovery'`)).toEqual([]);
});

test('the sign of the spare worker is taken down at the end', { timeout: 60_000 }, async () => {
  const dataDir = ownDataDir();
  const running = await up(dataDir);
  const signs = () => readdirSync(join(dataDir, 'run')).filter((name) => name.endsWith('.ready'));
  await expect.poll(signs, { timeout: 30_000 }).toHaveLength(1);
  running.kill('SIGTERM');
  expect((await running.end()).code).toBe(0);
  expect(signs()).toEqual([]);
});

describe('handlers of an extension', () => {
  const extension = (said: string) => `
    import { appendFileSync } from 'node:fs';
    const say = (word) => appendFileSync(${JSON.stringify(said)}, word + '\\n');
    export default {
      onShutdown: [
        { name: 'hangs', timeoutMs: 300, run: () => new Promise(() => say('hangs')) },
        { name: 'throws', run: () => { say('throws'); throw new Error('not today'); } },
        { name: 'saves', run: async () => say('saves') },
      ],
      onCleanUp: [{ name: 'cleans', run: () => say('cleans') }],
    };`;

  async function configured(more = '') {
    const dir = tempDir('handlers');
    const said = join(dir, 'said');
    writeFileSync(join(dir, 'own.mjs'), extension(said).replace('300', more || '300'));
    writeFileSync(join(dir, 'rekindle.yaml'), 'extensions: [./own.mjs]\n');
    return { said, config: ['--config', join(dir, 'rekindle.yaml')] };
  }
  const words = (said: string) => (existsSync(said) ? readFileSync(said, 'utf8').trim().split('\n') : []);

  test('run in order at the end of up; those that hang or throw are named', { timeout: 60_000 }, async () => {
    const { said, config } = await configured();
    const dataDir = ownDataDir();
    const process = await up(dataDir, config);
    process.kill('SIGTERM');
    const { code, stderr } = await process.end();
    expect(code).toBe(0);
    expect(words(said)).toEqual(['hangs', 'throws', 'saves', 'cleans']);
    expect(stderr).toContain('"handler":"hangs"');
    expect(stderr).toContain('not today');
    expect(leftBehind(dataDir)).toEqual([]);
  });

  test.each(['worker', 'mirror run'])('run at the end of %s, too', { timeout: 60_000 }, async (command) => {
    const { said, config } = await configured();
    const process = start([...command.split(' '), '--json', '--data-dir', ownDataDir(), ...config]);
    await process.line();
    process.kill('SIGINT');
    expect((await process.end()).code).toBe(0);
    expect(words(said)).toEqual(['hangs', 'throws', 'saves', 'cleans']);
  });

  test('do not keep up from ending at a second signal: 130, no child stays', {
    timeout: 60_000,
  }, async () => {
    const { said, config } = await configured('60000');
    const dataDir = ownDataDir();
    const process = await up(dataDir, config);
    process.kill('SIGTERM');
    await expect.poll(() => words(said), { timeout: 20_000 }).toEqual(['hangs']);
    // What comes within a moment of the first counts as the same key press.
    const again = setInterval(() => process.kill('SIGTERM'), 100);
    expect((await process.end()).code).toBe(130);
    clearInterval(again);
    const alive = () =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => {
          try {
            const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
            return line.includes('__child') && line.includes(dataDir);
          } catch {
            return false;
          }
        });
    await expect.poll(alive, { timeout: 5000 }).toEqual([]);
    await rekindle(['down', '--data-dir', dataDir]);
  });
});
