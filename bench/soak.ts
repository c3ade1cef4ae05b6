/**
 * A day in minutes: a real `rekindle up` with all its rhythms under a steady mixed load, and what its processes hold
 * meanwhile. Linux. Exit code 1 when a promise is broken. What it rests on: docs/decisions/0011-soak.md.
 * Arguments: `--minutes N` real (default 22), `--hours N` simulated (default 24), `--rate N` tasks a second (default 1),
 * `--keep` to leave the directory.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Family } from '../src/cli/drill/family.ts';
import { PROMISES } from '../src/cli/drill/promises.ts';
import { RekindleClient } from '../src/client/rekindle-client.ts';
import { loadConfig } from '../src/config.ts';
import { connect } from '../src/engine/connect.ts';
import { runningEngine } from '../src/engine/embedded.ts';
import { MisbehavingServer } from '../test/support/misbehaving-server.ts';
import { SoakClock } from './soak/clock.ts';
import { endsOf, keepWorking, wrongFiles } from './soak/load.ts';
import { keepLooking } from './soak/look-in.ts';
import { printSoak } from './soak/report.ts';
import { keepRhythms, keptRhythms } from './soak/rhythms.ts';
import { Sampler } from './soak/sampler.ts';
import { soakSettings } from './soak/settings.ts';
import { SITE, SoakSite } from './soak/site.ts';
import { rekindle } from './support/rekindle.ts';

const HOUR_MS = 3_600_000;
const LOOK_EVERY_MS = 3000;
/** Asking means a garbage collection: rare enough to leave the memory as it is. */
const ASK_EVERY_MS = [5000, 20_000] as const;
const ASKS = 60;
/** Sessions of the site last that long, simulated; at least so long that the next task still finds one. */
const SESSION_MS = 4 * HOUR_MS;
const SESSION_AT_LEAST_MS = 5000;
/** Recoveries of the last failures come within minutes of simulated time. */
const ENDS_WITHIN_MS = 120_000;
const WHOLE_WITHIN_MS = 60_000;
const SECRET = 'whsec_c29hay1zb2FrLXNvYWstc29hay1zb2Fr';

export async function run(args: string[]): Promise<void> {
  const option = (name: string, otherwise: number): number => {
    const at = args.indexOf(name);
    return at >= 0 ? Number(args[at + 1]) : otherwise;
  };
  const directory = mkdtempSync(join(tmpdir(), 'rekindle-soak-'));
  try {
    const broken = await soak(directory, option('--minutes', 22), option('--hours', 24), option('--rate', 1));
    if (broken.length > 0) process.exitCode = 1;
  } finally {
    if (args.includes('--keep')) console.error(`kept: ${directory}`);
    else rmSync(directory, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
  }
}

async function soak(directory: string, minutes: number, hours: number, rate: number): Promise<string[]> {
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  const clock = new SoakClock(minutes, hours);
  const site = await SoakSite.start(Math.max(SESSION_AT_LEAST_MS, clock.scaled(SESSION_MS)));
  const server = await MisbehavingServer.start();
  const configFile = furnish(directory, clock, site);
  const config = loadConfig({ dataDir: join(directory, 'data'), configFile }, {});
  const logFile = join(directory, 'up.log');
  const family = new Family(config, configFile, logFile);
  const ending = new AbortController();
  try {
    await family.start();
    await untilWhole(family);
    const connection = await connect(config, await runningEngine(config));
    const client = new RekindleClient(connection.client, config);
    clock.begin();
    const { signal } = ending;
    const sampler = new Sampler(family, clock, logFile);
    const files = join(directory, 'files');
    mkdirSync(files);
    const where = ['--data-dir', config.dataDir, '--config', configFile];
    const working = keepWorking({ client, server, site, directory: files }, rate, signal);
    const looking = keepLooking(config, where, signal);
    const keeping = keepRhythms(connection.client, config, clock, signal);
    await sampleUntilOver(sampler, clock);
    ending.abort();
    const [tasks, looks] = await Promise.all([working, looking, keeping]);
    const ends = await endsOf(tasks, client, ENDS_WITHIN_MS);
    const mirrorProblems = await problemsOfMirror(where);
    const rhythms = await keptRhythms(connection.client);
    const replaced = sampler.replaced();
    await connection.close();
    const exitCode = await family.stop();
    return printSoak({
      minutes,
      hours,
      runMs: clock.runMs,
      sampler,
      ends,
      wrongFiles: await wrongFiles(tasks),
      mirrorProblems,
      looks,
      rhythms,
      logins: site.logins,
      messages: site.messages,
      exitCode,
      replaced,
      load: `${load} before, ${loadavg()[0]?.toFixed(1)} after`,
    });
  } finally {
    ending.abort();
    family.killAll();
    await site.close();
    await server.close();
  }
}

/** The mirror follows a moment behind, as promised. @returns what differs after that; null: nothing. */
async function problemsOfMirror(where: readonly string[]): Promise<string | null> {
  const deadline = performance.now() + PROMISES.mirrorSettledMs;
  for (;;) {
    const { code, json } = await rekindle(['mirror', 'check', ...where]);
    if (code === 0) return null;
    if (performance.now() > deadline) return JSON.stringify(json);
  }
}

/** Writes the configuration and the description of the site. @returns the configuration's file. */
function furnish(directory: string, clock: SoakClock, site: SoakSite): string {
  const write = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  const sitesDir = join(directory, 'sites');
  mkdirSync(sitesDir);
  const password = write('password', 'correct horse\n');
  const webhookSecret = write('webhook-secret', `${SECRET}\n`);
  for (const file of [password, webhookSecret]) chmodSync(file, 0o600);
  write(join('sites', `${SITE}.yaml`), JSON.stringify(site.description(`file:${password}`)));
  const settings = soakSettings(clock, { sitesDir, webhookUrl: site.webhookUrl, webhookSecret });
  return write('rekindle.yaml', JSON.stringify(settings));
}

async function untilWhole(family: Family): Promise<void> {
  const deadline = performance.now() + WHOLE_WITHIN_MS;
  while (!family.isWhole()) {
    if (performance.now() > deadline) throw new Error('worker, spare and keeper do not stand ready');
    await delay(100);
  }
}

async function sampleUntilOver(sampler: Sampler, clock: SoakClock): Promise<void> {
  const [often, rarely] = ASK_EVERY_MS;
  const askEveryMs = Math.min(rarely, Math.max(often, clock.runMs / ASKS));
  let askedAt = Number.NEGATIVE_INFINITY;
  while (!clock.isOver) {
    sampler.look();
    if (performance.now() - askedAt >= askEveryMs) {
      askedAt = performance.now();
      sampler.ask();
    }
    await delay(LOOK_EVERY_MS);
  }
  sampler.look();
}
