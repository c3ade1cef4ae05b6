/** `rekindle up` as a family of processes: whoever of them is killed, the work goes on. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentSha256, MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { type CliProcess, json, ownDataDir, rekindle, start } from './support/cli.ts';

const MIB = 1024 * 1024;
let server: MisbehavingServer;
beforeAll(async () => {
  server = await MisbehavingServer.start();
});
afterAll(() => server.close());

interface Up {
  readonly dataDir: string;
  readonly process: CliProcess;
}

async function up(dataDir = ownDataDir()): Promise<Up> {
  const process = start(['up', '--json', '--data-dir', dataDir]);
  expect(JSON.parse(await process.line())).toMatchObject({ status: 'up' });
  return { dataDir, process };
}

/** Command lines of the processes of this machine that belong to a data directory, by PID. */
function processesOf(dataDir: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const line = readFileSync(join('/proc', name, 'cmdline'), 'utf8').replaceAll('\0', ' ');
      if (line.includes(dataDir)) found.set(Number(name), line);
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

function childrenOf(dataDir: string, role: 'worker' | 'keeper'): number[] {
  return [...processesOf(dataDir)].flatMap(([pid, line]) => (line.includes(`__child ${role}`) ? [pid] : []));
}

/** The worker and its spare, the older one first. */
async function bothWorkers(dataDir: string): Promise<number[]> {
  await expect.poll(() => childrenOf(dataDir, 'worker').length, { timeout: 15_000 }).toBe(2);
  return childrenOf(dataDir, 'worker').sort((a, b) => a - b);
}

/** A download that takes some seconds, under way. */
async function slowDownload({ dataDir }: Up, name: string) {
  const to = tempDir('download');
  const path = `/${name}.bin`;
  const url = server.serve(path, { size: 12 * MIB, seed: 7, bytesPerSecond: 1.5 * MIB });
  const { task_id: id } = await json(['download', url, '--to', to, '--detach', '--data-dir', dataDir]);
  await server.until(() => server.bytesSent(path) > 3 * MIB);
  return { id: id as string, path };
}

/** What any SQLite tool sees of the mirror while everything runs. */
function firstRow(dataDir: string, sql: string): unknown {
  const database = new Database(join(dataDir, 'recovery.db'), { readonly: true });
  try {
    return database.prepare(sql).get();
  } finally {
    database.close();
  }
}

const wait = (dataDir: string, id: string) => json(['task', 'wait', id, '--data-dir', dataDir]);
const linux = process.platform === 'linux';

describe.skipIf(!linux)(`up${linux ? '' : ' (skipped: reads /proc)'}`, () => {
  test('goes on within a moment when its worker is killed, and forgets nothing', {
    timeout: 90_000,
  }, async () => {
    const family = await up();
    const { dataDir } = family;
    await bothWorkers(dataDir);
    const { id, path } = await slowDownload(family, 'killed-worker');
    const [worker = 0] = await bothWorkers(dataDir);
    process.kill(worker, 'SIGKILL');
    const requests = server.requests.filter((request) => request.path === path).length;
    const killedAt = performance.now();
    await server.until(() => server.requests.filter((request) => request.path === path).length > requests);
    expect(performance.now() - killedAt).toBeLessThan(5000);
    expect(await wait(dataDir, id)).toMatchObject({ status: 'completed' });
    expect(server.bytesSent(path)).toBeLessThanOrEqual(16 * MIB);
    const shown = await json(['task', 'show', id, '--data-dir', dataDir]);
    expect(shown).toMatchObject({ status: 'completed', retry_count: 0 });
    // A new spare stands ready, and the session of the recovery is written down.
    expect(await bothWorkers(dataDir)).not.toContain(worker);
    const session = () =>
      firstRow(
        dataDir,
        `SELECT s.status, l.recovery_type, json_extract(s.data, '$.steps_taken_over') AS steps
         FROM sessions s JOIN recovery_logs l USING (session_id)`,
      );
    await expect
      .poll(session, { timeout: 10_000 })
      .toEqual({ status: 'completed', recovery_type: 'crash_recovery', steps: 1 });
  });

  test('starts its keeper again when that is killed', { timeout: 60_000 }, async () => {
    const { dataDir } = await up();
    const [keeper = 0] = childrenOf(dataDir, 'keeper');
    process.kill(keeper, 'SIGKILL');
    await expect
      .poll(() => childrenOf(dataDir, 'keeper').filter((pid) => pid !== keeper), { timeout: 15_000 })
      .toHaveLength(1);
    const url = server.serve('/after-keeper.bin', { size: 1000, seed: 3 });
    const { task_id } = await json(['download', url, '--to', tempDir(), '--data-dir', dataDir]);
    const mirrored = () => firstRow(dataDir, `SELECT status FROM task_states WHERE task_id = '${task_id}'`);
    await expect.poll(mirrored, { timeout: 15_000 }).toEqual({ status: 'completed' });
  });

  test('starts its engine again when that is killed, and the download goes on', {
    timeout: 90_000,
  }, async () => {
    const family = await up();
    const { dataDir } = family;
    const { id } = await slowDownload(family, 'killed-engine');
    const [engine = 0] = [...processesOf(dataDir)].flatMap(([pid, line]) =>
      line.startsWith('temporal(rekindle)') ? [pid] : [],
    );
    process.kill(engine, 'SIGKILL');
    expect(await wait(dataDir, id)).toMatchObject({ status: 'completed' });
  });

  test('killed itself leaves no child behind, and the next one takes over what was left', {
    timeout: 90_000,
  }, async () => {
    const family = await up();
    const { dataDir } = family;
    await bothWorkers(dataDir);
    const { id, path } = await slowDownload(family, 'killed-supervisor');
    family.process.kill('SIGKILL');
    await expect
      .poll(() => [...childrenOf(dataDir, 'worker'), ...childrenOf(dataDir, 'keeper')], { timeout: 20_000 })
      .toEqual([]);
    await up(dataDir);
    expect(await wait(dataDir, id)).toMatchObject({ status: 'completed' });
    expect(server.bytesSent(path)).toBeLessThanOrEqual(16 * MIB);
  });

  test('is one for a data directory: a second one says so', { timeout: 60_000 }, async () => {
    const { dataDir } = await up();
    const second = await rekindle(['up', '--data-dir', dataDir]);
    expect(second.code).toBe(5);
    expect(second.stderr).toContain('runs for');
    expect(childrenOf(dataDir, 'keeper')).toHaveLength(1);
  });

  test('that is asked to end lets its steps save what they have, and the next one loses nothing', {
    timeout: 90_000,
  }, async () => {
    const family = await up();
    const { dataDir } = family;
    const { id, path } = await slowDownload(family, 'restarted');
    family.process.kill('SIGTERM');
    expect((await family.process.end()).code).toBe(0);
    expect(processesOf(dataDir).size).toBe(0);
    const sent = server.bytesSent(path);
    await up(dataDir);
    const { sha256 } = await wait(dataDir, id);
    expect(sha256 ?? contentSha256(7, 12 * MIB)).toBe(contentSha256(7, 12 * MIB));
    // Nothing that had arrived was asked for again, but for what was on its way.
    expect(server.bytesSent(path) - sent).toBeLessThanOrEqual(12 * MIB - sent + 5 * MIB);
    const shown = await json(['task', 'show', id, '--data-dir', dataDir]);
    expect(shown).toMatchObject({ status: 'completed', retry_count: 0, recovery_attempts: 0 });
  });
});
