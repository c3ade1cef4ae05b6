/**
 * Another host takes over: two `rekindle worker` on one Temporal server, each with a data directory of its own, so that
 * neither sees the other's journal. The one that works is killed, or stopped (frozen) with SIGSTOP.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spreadOf } from '../src/cli/drill/account.ts';
import { contentSha256 } from '../src/cli/drill/content.ts';
import { DrillServer } from '../src/cli/drill/file-server.ts';
import type { DrillFile } from '../src/cli/drill/plan.ts';
import { sha256OfFile } from '../src/cli/sha256-of-file.ts';
import { RekindleClient } from '../src/client/rekindle-client.ts';
import { loadConfig } from '../src/config.ts';
import { connect } from '../src/engine/connect.ts';
import { ensureEngine } from '../src/engine/ensure-engine.ts';
import { prepareNamespace } from '../src/engine/prepare-namespace.ts';
import { type Asked, atLeast, atMost, inSeconds, printAsked } from './crash-table.ts';
import { LAUNCHER } from './support/rekindle.ts';

const TASKS = 10;
const ASKED_MS = 15_000;

/** @param rounds of each: killed, frozen */
export async function otherHost(rounds: number): Promise<void> {
  const load = loadavg()[0]?.toFixed(1);
  const root = mkdtempSync(join(tmpdir(), 'rekindle-hosts-'));
  const config = loadConfig({ dataDir: join(root, 'server') });
  const engine = await ensureEngine(config, { purpose: 'benchmark' });
  const connection = await connect(config, engine);
  const { namespace } = config;
  await prepareNamespace(connection.connection, {
    namespace,
    retentionMs: config.engine.retentionMs,
    create: true,
  });
  const server = await DrillServer.start();
  const client = new RekindleClient(connection.client, config);
  const rows: Asked[] = [];
  try {
    for (const how of ['SIGKILL', 'SIGSTOP'] as const) {
      const times: number[] = [];
      let right = 0;
      for (let round = 0; round < rounds; round++) {
        const one = await takeOver(how, `${how}-${round}`, root, engine.address, client, server);
        times.push(...one.times);
        right += one.right;
      }
      const { p50, p95, max } = spreadOf(times);
      const name = how === 'SIGKILL' ? 'killed (-9)' : 'frozen (SIGSTOP), woken at the end';
      rows.push(
        atLeast(`${name}: right files in the end`, rounds * TASKS, right),
        atMost(`${name}: goes on, max`, ASKED_MS, max, inSeconds),
      );
      console.log(`${name}: p50 ${inSeconds(p50)}, p95 ${inSeconds(p95)}, max ${inSeconds(max)}`);
      if (right < rounds * TASKS || max > ASKED_MS) process.exitCode = 1;
    }
  } finally {
    await server.close();
    await connection.close();
    await engine.release();
    rmSync(root, { recursive: true, force: true });
  }
  printAsked(`e: another host takes over ${TASKS} downloads, ${rounds} times each (load ${load})`, rows);
}

async function takeOver(
  how: 'SIGKILL' | 'SIGSTOP',
  name: string,
  root: string,
  address: string,
  client: RekindleClient,
  server: DrillServer,
): Promise<{ times: number[]; right: number }> {
  const files: DrillFile[] = Array.from({ length: TASKS }, (_, i) => ({
    name: `${name}-${i}`,
    size: 4 * 1024 * 1024,
    seed: i + 1,
    rate: 48 * 1024,
    connections: 1,
  }));
  const directory = join(root, name);
  mkdirSync(directory);
  const first = await worker(join(root, `${name}-first`), address);
  for (const file of files) {
    const url = server.offer(file);
    await client.download({ url, to: directory, name: file.name, connections: 1 }, { taskId: file.name });
  }
  while (server.underWay().length < TASKS) await new Promise((resolve) => setTimeout(resolve, 20));
  const second = await worker(join(root, `${name}-second`), address);
  const waiting = new Set(files.map((file) => file.name));
  const times: number[] = [];
  const struckAt = performance.now();
  const all = Promise.withResolvers<void>();
  const stop = server.onRequest((asked) => {
    if (!waiting.delete(asked)) return;
    times.push(performance.now() - struckAt);
    if (waiting.size === 0) all.resolve();
  });
  first.kill(how);
  await all.promise;
  stop();
  server.unthrottle();
  await Promise.all(files.map((file) => client.task(file.name).wait()));
  const hashes = await Promise.all(files.map((file) => sha256OfFile(join(directory, file.name))));
  const right = files.filter((file, i) => hashes[i] === contentSha256(file.seed, file.size)).length;
  if (how === 'SIGSTOP') first.kill('SIGCONT');
  await Promise.all([end(first), end(second)]);
  server.throttle();
  return { times, right };
}

/** A `rekindle worker` of a host of its own: nothing but the server's address is shared. */
async function worker(dataDir: string, address: string): Promise<ChildProcess> {
  const args = [LAUNCHER, 'worker', '--json', '--data-dir', dataDir, '--log-level', 'error'];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TEMPORAL_ADDRESS: address },
  });
  await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
