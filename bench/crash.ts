/**
 * Crashes under load: what goes on when, what is done again, what is lost. Arguments: `--only a,b,c,d,e`,
 * `--rounds N` of (a) and (b) (default 12), `--kills N` and `--tasks N` of (c) (default 40 and 200; asked 200 and 1000),
 * `--engine-kills N` (default 20), `--keep`.
 */
import { mkdtempSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountOf, type DrillAccount, type Seen, type Spread, spreadOf } from '../src/cli/drill/account.ts';
import { accountLines, faultLine } from '../src/cli/drill/account-lines.ts';
import { type DrillPlan, FAULT_KINDS, type FaultKind, mixedPlan, steadyPlan } from '../src/cli/drill/plan.ts';
import { removeDrill, runDrill } from '../src/cli/drill/run-drill.ts';
import { SmallDisk } from '../src/cli/drill/small-disk.ts';
import { loadConfig } from '../src/config.ts';
import { createLogger } from '../src/logger.ts';
import { otherHost } from './crash-other-host.ts';
import { printTable } from './support/measure.ts';

const IN_FLIGHT = 50;
const HOUR_MS = 3_600_000;

export async function run(args: string[]): Promise<void> {
  const option = (name: string, otherwise: number): number => {
    const at = args.indexOf(name);
    return at >= 0 ? Number(args[at + 1]) : otherwise;
  };
  const only = args.includes('--only') ? (args[args.indexOf('--only') + 1] ?? '').split(',') : [...'abcde'];
  const rounds = option('--rounds', 12);
  const seed = option('--seed', 1);
  const keep = args.includes('--keep');
  const parts: Record<string, () => Promise<void>> = {
    a: () => steady('a: kill -9 of the worker', 'worker', rounds, 'asked p95 ≤ 0.30 s', keep),
    b: () =>
      steady(
        'b: everything killed, started again 0.5 s later',
        'everything',
        rounds,
        'asked p95 ≤ 1.50 s from the kill',
        keep,
      ),
    c: () =>
      mixed('c: mixed load', seed, option('--tasks', 200), option('--kills', 40), possibleKinds(), keep),
    d: () =>
      mixed('d: the engine killed under load', seed, 100, option('--engine-kills', 20), ['engine'], keep),
    e: () => otherHost(option('--other-host-rounds', 3)),
  };
  for (const name of only) await parts[name]?.();
}

function possibleKinds(): FaultKind[] {
  const noDisk = SmallDisk.reasonAgainst();
  if (noDisk) console.log(`left out: disk-full (${noDisk})`);
  return FAULT_KINDS.filter((kind) => kind !== 'disk-full' || !noDisk);
}

/** Fifty downloads under way all the time; each round waits until worker, spare and keeper stand ready. */
async function steady(
  title: string,
  kind: FaultKind,
  rounds: number,
  asked: string,
  keep: boolean,
): Promise<void> {
  const before = loads();
  const seen = await drill(steadyPlan(kind, { tasks: IN_FLIGHT, rounds }), keep);
  const account = accountOf(seen);
  const all = seen.faults.map(({ goingOnMs }) =>
    Math.max(...goingOnMs.map((ms) => ms ?? Number.POSITIVE_INFINITY)),
  );
  const each = account.goingOn[kind];
  printTable(
    `${title}, ${IN_FLIGHT} downloads under way, ${seen.faults.length} rounds (load ${before} → ${loads()}; ${asked})`,
    ['kill → next byte range asked, s', 'p50', 'p95', 'max'],
    [
      ['each download', ...(each ? spread(each) : [])],
      ['the last of a round', ...spread(spreadOf(all))],
    ],
  );
  costs(account);
}

async function mixed(
  title: string,
  seed: number,
  tasks: number,
  kills: number,
  kinds: readonly FaultKind[],
  keep: boolean,
): Promise<void> {
  const before = loads();
  const start = performance.now();
  const account = accountOf(await drill(mixedPlan(seed, { tasks, kills, kinds }), keep));
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  printTable(
    `${title}: ${tasks} tasks, ${kills} faults in ${minutes} min (load ${before} → ${loads()})`,
    ['goes on after, s', 'count', 'p50', 'p95', 'max'],
    Object.entries(account.goingOn).map(([kind, one]) => [kind, String(one.count), ...spread(one)]),
  );
  costs(account);
}

async function drill(plan: DrillPlan, keep: boolean): Promise<Seen> {
  const directory = mkdtempSync(join(tmpdir(), 'rekindle-crash-'));
  try {
    return await runDrill(plan, {
      directory,
      engine: loadConfig().engine,
      limitMs: HOUR_MS,
      signal: new AbortController().signal,
      log: createLogger('bench', 'warn'),
      onFault: (fault, n) => console.error(faultLine(fault, n, plan.faults.length, 'en')),
    });
  } finally {
    if (keep) console.error(`kept: ${directory}`);
    else removeDrill(directory);
  }
}

/** What it cost, and the verdict. */
function costs(account: DrillAccount): void {
  for (const line of accountLines(account, 'en').filter(
    (text) => !/goes on after|What happened|^$/.test(text),
  ))
    console.log(line);
  if (account.broken.length > 0) process.exitCode = 1;
}

const spread = ({ p50, p95, max }: Spread): string[] => [p50, p95, max].map((ms) => (ms / 1000).toFixed(2));

/** Runnable processes of the machine in the last minute: what the figures have to be read with. */
function loads(): string {
  return loadavg()[0]?.toFixed(1) ?? '?';
}
