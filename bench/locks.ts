/** Benchmark of resource locks: taking and releasing a free one, beside flock(1); and handing one over between two. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { withResourceLock } from '../src/client/resource-locks.ts';
import { loadConfig } from '../src/config.ts';
import { RECOVERY_QUEUE } from '../src/domain/queues.ts';
import { connect } from '../src/engine/connect.ts';
import { stopEngine } from '../src/engine/embedded.ts';
import { ensureEngine } from '../src/engine/ensure-engine.ts';
import { prepareNamespace } from '../src/engine/prepare-namespace.ts';
import { loadWorkflowBundle } from '../src/engine/workflow-bundle.ts';
import { acquireClusterLock } from '../src/locks/cluster-lock.ts';
import type { HeldResource } from '../src/locks/held-resource.ts';
import { acquireMachineLock, locksDir } from '../src/locks/machine-lock.ts';
import { median, printTable, timeCommand } from './support/measure.ts';

type Acquire = () => Promise<HeldResource>;

/** @param args seconds of each measurement. @default 3 */
export async function run(args: string[]): Promise<void> {
  const forMs = Number(args[0] ?? 3) * 1000;
  const dataDir = mkdtempSync(join(tmpdir(), 'rekindle-bench-locks-'));
  try {
    const rows = [...(await machineRows(dataDir, forMs)), ...(await clusterRows(dataDir, forMs))];
    printTable('Resource locks', ['lock', 'a second', 'median ms'], rows);
  } finally {
    await stopEngine(dataDir, { graceMs: 0 });
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function machineRows(dataDir: string, forMs: number): Promise<string[][]> {
  const directory = locksDir(dataDir);
  const file = join(dataDir, 'flock');
  const config = loadConfig({ dataDir });
  return [
    await row('machine: take and release', forMs, async () => {
      await (await acquireMachineLock(directory, 'free')).release();
    }),
    await row('machine: withResourceLock', forMs, () =>
      withResourceLock('free', () => undefined, { config }),
    ),
    await row(
      'machine: handed over to one who waits',
      forMs,
      handOver(() => acquireMachineLock(directory, 'x')),
    ),
    await row('flock(1) FILE true', forMs, async () => void (await timeCommand('flock', [file, 'true']))),
    await row('true, without a lock', forMs, async () => void (await timeCommand('true', []))),
  ];
}

async function clusterRows(dataDir: string, forMs: number): Promise<string[][]> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const config = loadConfig({ dataDir });
  const engine = await ensureEngine(config, { purpose: 'benchmark' });
  const { client, connection, close } = await connect(config, engine);
  const { namespace } = engine;
  await prepareNamespace(connection, { namespace, retentionMs: config.engine.retentionMs, create: true });
  const native = await NativeConnection.connect({ address: engine.address });
  const worker = await Worker.create({
    connection: native,
    taskQueue: RECOVERY_QUEUE,
    workflowBundle: await loadWorkflowBundle(),
  });
  const rows = await worker.runUntil(async () => {
    let count = 0;
    return [
      await row('cluster: take and release', forMs, async () => {
        await (await acquireClusterLock(client, 'free')).release();
      }),
      await row('cluster: a name never used before', forMs, async () => {
        count += 1;
        await (await acquireClusterLock(client, `new-${count}`)).release();
      }),
      await row(
        'cluster: handed over to one who waits',
        forMs,
        handOver(() => acquireClusterLock(client, 'x')),
      ),
    ];
  });
  await native.close();
  await close();
  return rows;
}

/** The lock goes back and forth between two: one asks for it while the other has it. */
function handOver(acquire: Acquire): () => Promise<void> {
  let holder: HeldResource | undefined;
  return async () => {
    holder ??= await acquire();
    const next = acquire();
    // It stands in the line by then.
    await new Promise((resolve) => setImmediate(resolve));
    await holder.release();
    holder = await next;
  };
}

async function row(name: string, forMs: number, once: () => Promise<unknown>): Promise<string[]> {
  await once();
  const times: number[] = [];
  const start = performance.now();
  while (performance.now() - start < forMs) {
    const began = performance.now();
    await once();
    times.push(performance.now() - began);
  }
  const perSecond = (1000 * times.length) / (performance.now() - start);
  return [name, perSecond.toFixed(perSecond < 100 ? 1 : 0), median(times).toFixed(2)];
}
