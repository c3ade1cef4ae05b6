/**
 * What encryption costs: our download workflow with steps that do nothing, with and without it, on one engine, taking
 * turns. Asked: at most 10 % of the tasks a second.
 * Arguments: `--tasks N` for each turn (default 200), `--runs N` (default 7).
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { type Config, loadConfig } from '../src/config.ts';
import { connect } from '../src/engine/connect.ts';
import { ensureEngine } from '../src/engine/ensure-engine.ts';
import { prepareNamespace } from '../src/engine/prepare-namespace.ts';
import { bundleFor, loadWorkflowBundle } from '../src/engine/workflow-bundle.ts';
import { EncryptingCodec } from '../src/secrets/payload-codec.ts';
import { Secret } from '../src/secrets/secret.ts';
import { InFlightJournal } from '../src/supervisor/in-flight-journal.ts';
import { median, printTable } from './support/measure.ts';
import { ourWorker, rate, runOurs } from './tasks.ts';

export async function run(args: string[]): Promise<void> {
  const option = (name: string, otherwise: number): number => {
    const at = args.indexOf(name);
    return at >= 0 ? Number(args[at + 1]) : otherwise;
  };
  const dir = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
  try {
    await codecAlone();
    await measure(dir, option('--tasks', 200), option('--runs', 7));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const ENCRYPTION: Config['encryption'] = {
  keys: [{ id: 'bench', key: new Secret(randomBytes(32).toString('base64')) }],
  acceptPlain: true,
  codecServer: { host: '127.0.0.1', port: 1, token: null, origins: [] },
};

/** The codec without Temporal: what one payload takes. */
async function codecAlone(): Promise<void> {
  const codec = new EncryptingCodec(ENCRYPTION as NonNullable<Config['encryption']>, {
    namespace: 'default',
  });
  const context = {
    type: 'workflow',
    namespace: 'default',
    workflowId: 'download-lesson-0123456789ab',
  } as const;
  const rows: [string, string, string][] = [];
  for (const bytes of [300, 10_000, 1_000_000]) {
    const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: randomBytes(bytes) };
    const times = bytes > 100_000 ? 100 : 20_000;
    const encrypted = await codec.encode([payload], context);
    const micros = async (work: () => Promise<unknown>): Promise<string> => {
      for (let i = 0; i < times / 10; i++) await work();
      const start = performance.now();
      for (let i = 0; i < times; i++) await work();
      return ((1000 * (performance.now() - start)) / times).toFixed(1);
    };
    rows.push([
      `${bytes} bytes`,
      await micros(() => codec.encode([payload], context)),
      await micros(() => codec.decode(encrypted, context)),
    ]);
  }
  printTable('One payload, in µs', ['', 'encrypt', 'decrypt'], rows);
}

async function measure(dir: string, tasks: number, runs: number): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const plain = loadConfig({ dataDir: dir });
  const engine = await ensureEngine(plain, { say: console.error });
  const sides = await Promise.all(
    [plain, { ...plain, encryption: ENCRYPTION }].map(async (config) => ({
      config,
      connected: await connect(config, engine),
      queue: config.encryption ? 'bench-encrypted' : 'bench-plain',
      rates: [] as number[],
      cpuMs: [] as number[],
    })),
  );
  const [first] = sides;
  if (!first) return;
  await prepareNamespace(first.connected.connection, {
    namespace: plain.namespace,
    retentionMs: plain.engine.retentionMs,
    create: true,
  });
  const native = await NativeConnection.connect(first.connected.settings);
  const journal = new InFlightJournal(join(dir, 'run'), 'command');
  const workers = await Promise.all(
    sides.map(async ({ config, connected, queue }) =>
      ourWorker(native, journal, config.retry, {
        taskQueue: queue,
        workflowBundle: await loadWorkflowBundle(bundleFor(config)),
        dataConverter: connected.dataConverter,
      }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  let serial = 0;
  for (let i = 0; i <= runs; i++) {
    // Who begins changes, so that nobody always has the warmer machine.
    for (const side of i % 2 === 0 ? sides : sides.toReversed()) {
      const { client } = side.connected;
      const before = cpuMs(engine.pid);
      const found = await rate(tasks, () => runOurs(client, `bench-${serial++}`, side.queue));
      if (i === 0) continue; // Warms up.
      side.rates.push(found);
      side.cpuMs.push((cpuMs(engine.pid) - before) / tasks);
    }
  }
  const [without = [], encrypted = []] = sides.map(({ rates }) => rates);
  const [cpuWithout = [], cpuEncrypted = []] = sides.map(({ cpuMs }) => cpuMs);
  const row = (values: number[]): string =>
    `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)})`;
  const costs = encrypted.map((with_, i) => 100 * (1 - with_ / (without[i] ?? Number.NaN)));
  const cpuCosts = cpuEncrypted.map((with_, i) => 100 * (with_ / (cpuWithout[i] ?? Number.NaN) - 1));
  printTable(
    `Tasks a second, ${tasks} a turn, ${runs} turns each: median (min–max)`,
    ['', 'tasks/s'],
    [
      ['in clear', row(without)],
      ['encrypted', row(encrypted)],
      ['cost in %, turn by turn (asked ≤ 10)', row(costs)],
    ],
  );
  printTable(
    'Processor time of a task, client, worker and engine together, in ms: median (min–max)',
    ['', 'ms'],
    [
      ['in clear', row(cpuWithout)],
      ['encrypted', row(cpuEncrypted)],
      ['more in %, turn by turn', row(cpuCosts)],
    ],
  );
  for (const worker of workers) worker.shutdown();
  await Promise.all(running);
  journal.close();
  await native.close();
  for (const { connected } of sides) await connected.close();
  await engine.release();
}

/** Processor time so far of this process and the engine's; beside other work it says more than the clock (Linux; else 0 for the engine). */
function cpuMs(enginePid: number | null): number {
  const { user, system } = process.cpuUsage();
  let ticks = 0;
  try {
    const stat = readFileSync(`/proc/${enginePid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    ticks = Number(stat[11]) + Number(stat[12]);
  } catch {
    // Not Linux, or an engine that is not ours.
  }
  // The kernel counts in hundredths of a second.
  return (user + system) / 1000 + ticks * 10;
}
