/**
 * Crashes under load: what goes on when, what is done again, what is lost; each part ends with what was asked and what
 * was reached. (a) the worker killed with 50 downloads in flight, (b) everything killed and started again 0.5 s later,
 * (c) kills of every kind at random moments over a mixed load, (d) the engine killed under load, (e) another host takes
 * over. Exit code 1 when a promise is broken (`src/cli/drill/promises.ts`; they leave room for a busy machine).
 * Arguments: `--only a,b,c,d,e` (default all), `--rounds N` of (a) and (b) (default 12), `--kills N` and `--tasks N` of
 * (c) (default 40 and 200; asked are 200 and 1000), `--engine-kills N` and `--engine-tasks N` of (d) (default 20 and 100),
 * `--other-host-rounds N` of (e) (default 3), `--seed N`, `--keep`.
 */
import { mkdtempSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountOf, type DrillAccount, type Seen, type Spread, spreadOf } from '../src/cli/drill/account.ts';
import { faultLine } from '../src/cli/drill/account-lines.ts';
import { type DrillPlan, FAULT_KINDS, type FaultKind, mixedPlan, steadyPlan } from '../src/cli/drill/plan.ts';
import { removeDrill, runDrill } from '../src/cli/drill/run-drill.ts';
import { SmallDisk } from '../src/cli/drill/small-disk.ts';
import { loadConfig } from '../src/config.ts';
import { createLogger } from '../src/logger.ts';
import { otherHost } from './crash-other-host.ts';
import { type Asked, askedOfAll, atLeast, atMost, inSeconds, printAsked } from './crash-table.ts';
import { printTable } from './support/measure.ts';

const IN_FLIGHT = 50;
const HOUR_MS = 3_600_000;
/** What issue and documents ask, beside the promises of every drill. */
const ASKED = { workerMs: 300, everythingMs: 1500, kills: 200, tasks: 1000, engineKills: 20 };

export async function run(args: string[]): Promise<void> {
  const option = (name: string, otherwise: number): number => {
    const at = args.indexOf(name);
    return at >= 0 ? Number(args[at + 1]) : otherwise;
  };
  const rounds = option('--rounds', 12);
  const seed = option('--seed', 1);
  const keep = args.includes('--keep');
  const parts: Record<string, () => Promise<void>> = {
    a: () => steady('a: kill -9 of the worker', 'worker', rounds, ASKED.workerMs, keep),
    b: () =>
      steady(
        'b: everything killed, started again 0.5 s later',
        'everything',
        rounds,
        ASKED.everythingMs,
        keep,
      ),
    c: () => {
      const asked = { tasks: option('--tasks', 200), kills: option('--kills', 40), kinds: possibleKinds() };
      return mixed('c: mixed load', mixedPlan(seed, asked), ASKED, keep);
    },
    d: () => {
      const kills = option('--engine-kills', ASKED.engineKills);
      const tasks = option('--engine-tasks', 100);
      const plan = mixedPlan(seed, { tasks, kills, kinds: ['engine'] });
      return mixed('d: the engine killed under load', plan, { kills: ASKED.engineKills }, keep);
    },
    e: () => otherHost(option('--other-host-rounds', 3)),
  };
  const only = args.includes('--only') ? (args[args.indexOf('--only') + 1] ?? '').split(',') : [...'abcde'];
  const unknown = only.filter((name) => !(name in parts));
  if (unknown.length > 0) throw new Error(`--only knows ${Object.keys(parts).join(', ')}; not ${unknown}`);
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
  askedMs: number,
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
    `${title}, ${IN_FLIGHT} downloads under way, ${seen.faults.length} rounds (load ${before} → ${loads()})`,
    ['kill → next byte range asked, s', 'p50', 'p95', 'max'],
    [
      ['each download', ...(each ? spread(each) : [])],
      ['the last of a round', ...spread(spreadOf(all))],
    ],
  );
  conclude(title, account, [
    atMost('goes on, p95 from the kill', askedMs, each?.p95 ?? Number.POSITIVE_INFINITY, inSeconds),
  ]);
}

async function mixed(
  title: string,
  plan: DrillPlan,
  asked: { readonly tasks?: number; readonly kills: number },
  keep: boolean,
): Promise<void> {
  const before = loads();
  const start = performance.now();
  const account = accountOf(await drill(plan, keep));
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  printTable(
    `${title}: ${plan.files.length} tasks, ${plan.faults.length} faults in ${minutes} min (load ${before} → ${loads()})`,
    ['goes on after, s', 'count', 'p50', 'p95', 'max'],
    Object.entries(account.goingOn).map(([kind, one]) => [kind, String(one.count), ...spread(one)]),
  );
  conclude(title, account, [
    atLeast('faults', asked.kills, plan.faults.length),
    ...(asked.tasks === undefined ? [] : [atLeast('tasks', asked.tasks, account.tasks)]),
  ]);
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

/** The verdict. What is asked of a part itself is shown; the exit code goes by the promises. */
function conclude(title: string, account: DrillAccount, own: readonly Asked[]): void {
  printAsked(title, [...own, ...askedOfAll(account)]);
  const { broken, tasksLost, killsUnrecorded } = account;
  if (broken.length === 0) return;
  const named = broken.map(
    ({ promise, promised, found }) => `${promise} (promised ${promised}, found ${found})`,
  );
  console.log(`\n✗ BROKEN: ${named.join('; ')}`);
  for (const one of [...tasksLost, ...killsUnrecorded]) console.log(`  ${one}`);
  process.exitCode = 1;
}

const spread = ({ p50, p95, max }: Spread): string[] => [p50, p95, max].map((ms) => (ms / 1000).toFixed(2));

/** Runnable processes of the machine in the last minute: what the figures have to be read with. */
function loads(): string {
  return loadavg()[0]?.toFixed(1) ?? '?';
}
