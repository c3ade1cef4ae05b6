/**
 * The failure scan over more and more failed tasks: time for each, memory, and the length of its history; then a scan
 * over all of them that finds nothing to do. Each size adds only the tasks that are missing, so that a scan handles the
 * new ones and passes over the handled ones.
 * Arguments: `--sizes 1000,5000,20000`, `--keep` to leave the data directory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { loadConfig } from '../src/config.ts';
import { RECOVERY_QUEUE } from '../src/domain/queues.ts';
import { connect } from '../src/engine/connect.ts';
import { stopEngine } from '../src/engine/embedded.ts';
import { ensureEngine } from '../src/engine/ensure-engine.ts';
import { prepareNamespace } from '../src/engine/prepare-namespace.ts';
import type { FailureScanInput, FailureScanResult } from '../src/workflows/failure-scan.ts';
import { failingWorker, makeFailedTasks } from './support/failing-tasks.ts';
import { printTable } from './support/measure.ts';
import { type ScanningProcess, startScanningProcess } from './support/scanning-process.ts';

const SIZES = [1000, 5000, 20_000];

export async function run(args: string[]): Promise<void> {
  const at = args.indexOf('--sizes');
  const sizes = at >= 0 ? (args[at + 1] ?? '').split(',').map(Number) : SIZES;
  const dataDir = mkdtempSync(join(tmpdir(), 'rekindle-bench-scan-'));
  try {
    await measure(dataDir, sizes);
  } finally {
    await stopEngine(dataDir, { graceMs: 0 });
    if (!args.includes('--keep')) rmSync(dataDir, { recursive: true, force: true });
  }
}

async function measure(dataDir: string, sizes: readonly number[]): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const config = loadConfig({ dataDir });
  const engine = await ensureEngine(config, { purpose: 'benchmark' });
  const { client, connection, close } = await connect(config, engine);
  const { namespace } = engine;
  await prepareNamespace(connection, { namespace, retentionMs: config.engine.retentionMs, create: true });
  const native = await NativeConnection.connect({ address: engine.address });
  const worker = await failingWorker(native, namespace);
  const scanning = await startScanningProcess(dataDir);
  await worker.runUntil(async () => {
    const rows: string[][] = [];
    let made = 0;
    for (const size of sizes) {
      console.log(`making ${size - made} failed tasks …`);
      await makeFailedTasks(client, made, size);
      rows.push(rowOf(size, await scan(client, scanning)));
      made = size;
    }
    printTable('The failure scan', HEAD, rows);
    const again = await scan(client, scanning);
    console.log(
      `\nand once more over ${made} with nothing to do: ${again.seconds.toFixed(1)} s, ` +
        `${((again.seconds * 1000) / made).toFixed(2)} ms for each task looked at, ${again.handled} handled`,
    );
  });
  await scanning.stop();
  await native.close();
  await close();
  await engine.release();
}

const HEAD = [
  'failed tasks in all',
  'handled in this scan',
  'seconds',
  'ms per handled task',
  'RSS before → peak, MB',
  'runs',
  'events of the longest run',
];

interface Figures {
  readonly handled: number;
  readonly errors: number;
  readonly seconds: number;
  readonly rssBeforeMb: number;
  readonly rssPeakMb: number;
  /** Events of each of the scan's runs. */
  readonly events: readonly number[];
}

function rowOf(
  size: number,
  { handled, errors, seconds, rssBeforeMb, rssPeakMb, events }: Figures,
): string[] {
  return [
    String(size),
    errors === 0 ? String(handled) : `${handled} (${errors} errors)`,
    seconds.toFixed(1),
    ((seconds * 1000) / handled).toFixed(2),
    `${rssBeforeMb.toFixed(0)} → ${rssPeakMb.toFixed(0)}`,
    String(events.length),
    String(Math.max(...events)),
  ];
}

let scans = 0;

async function scan(client: Client, scanning: ScanningProcess): Promise<Figures> {
  scans += 1;
  const workflowId = `bench-scan-${scans}`;
  const input: FailureScanInput = { intervalMs: 1_800_000 };
  const { nowMb } = await scanning.memory();
  const start = performance.now();
  const result = (await client.workflow.execute('failureScan', {
    workflowId,
    taskQueue: RECOVERY_QUEUE,
    args: [input],
  })) as FailureScanResult;
  const seconds = (performance.now() - start) / 1000;
  const { peakMb } = await scanning.memory();
  return {
    handled: result.scanned,
    errors: result.errors,
    seconds,
    rssBeforeMb: nowMb,
    rssPeakMb: peakMb,
    events: await eventsOf(client, workflowId),
  };
}

async function eventsOf(client: Client, workflowId: string): Promise<number[]> {
  const events: number[] = [];
  for await (const { historyLength } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    events.push(historyLength ?? 0);
  return events;
}
