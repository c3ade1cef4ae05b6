/**
 * The morning after: hundreds of downloads with faults of every kind beside a `rekindle up` that nobody helps, with
 * delays a hundredth as long as the documented ones.
 * Arguments: `--tasks N` (default 500), `--minutes N` until it is given up (default 10).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RekindleClient } from '../src/client/rekindle-client.ts';
import { MirrorKeeper, targetCounts } from '../src/mirror/index.ts';
import {
  type EndedTask,
  FAULTS,
  injectFaults,
  QUICK_CONFIG,
  untilAllEnded,
} from '../test/support/healing-run.ts';
import { MisbehavingServer } from '../test/support/misbehaving-server.ts';
import { printTable } from './support/measure.ts';
import { startUp } from './support/rekindle.ts';

const MINUTE_MS = 60_000;

export async function run(args: string[]): Promise<void> {
  const option = (name: string, otherwise: number): number => {
    const at = args.indexOf(name);
    return at >= 0 ? Number(args[at + 1]) : otherwise;
  };
  const dir = mkdtempSync(join(tmpdir(), 'rekindle-heal-'));
  const dataDir = join(dir, 'data');
  const configFile = join(dir, 'rekindle.yaml');
  writeFileSync(configFile, QUICK_CONFIG);
  const server = await MisbehavingServer.start();
  const up = await startUp(dataDir, ['--config', configFile]);
  const client = await RekindleClient.connect({ dataDir, configFile });
  try {
    const started = performance.now();
    const tasks = await injectFaults(client, server, dir, option('--tasks', 500));
    const ended = await untilAllEnded(tasks, dataDir, dir, option('--minutes', 10) * MINUTE_MS);
    report(ended, (performance.now() - started) / 1000);
    delays(dataDir);
  } finally {
    await client.close();
    await up.stop();
    await server.close();
    if (!args.includes('--keep')) rmSync(dir, { recursive: true, force: true });
  }
}

function report(ended: readonly EndedTask[], seconds: number): void {
  const right = (tasks: readonly EndedTask[]): number =>
    tasks.filter(({ problems }) => problems.length === 0).length;
  const rows = FAULTS.map((fault) => {
    const of = ended.filter((task) => task.fault.name === fault.name);
    const recoveries = of.reduce((sum, { view }) => sum + view.recovery_attempts, 0);
    const notified = of.reduce((sum, { notifications }) => sum + notifications, 0);
    return [
      fault.name,
      fault.category ?? '–',
      fault.ending,
      `${right(of)} of ${of.length}`,
      String(recoveries),
      String(notified),
    ];
  });
  printTable(
    `${ended.length} tasks in ${seconds.toFixed(0)} s`,
    ['fault', 'category', 'has to end with', 'right', 'recoveries', 'notifications'],
    rows,
  );
  const healing = ended.filter(({ fault }) => fault.ending === 'heals');
  console.log(
    `\ncompleted without a person: ${((100 * right(healing)) / healing.length).toFixed(1)} % (asked ≥ 99 %)`,
  );
  for (const { view, problems } of ended.filter((task) => task.problems.length > 0)) {
    console.log(`${view.task_id}: ${problems.join('; ')}`);
    process.exitCode = 1;
  }
}

/** As the system itself measured them. */
function delays(dataDir: string): void {
  const mirror = new MirrorKeeper(join(dataDir, 'recovery.db'), { readonly: true });
  const { processingDelays, notificationDelays } = targetCounts(mirror.get(), {
    sinceMs: 0,
    untilMs: Date.now(),
  });
  mirror.close();
  const row = (name: string, { count, mean, p95, longest }: typeof processingDelays): string[] => [
    name,
    String(count),
    ...[mean, p95, longest].map((value) => value.toFixed(2)),
  ];
  printTable(
    'seconds',
    ['', 'count', 'mean', 'p95', 'longest'],
    [
      row('failure → recovery scheduled or notification handed in (asked p95 ≤ 5)', processingDelays),
      row('decided → written or delivered', notificationDelays),
    ],
  );
}
