import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RekindleError } from '../../domain/error-codes.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext, GlobalOptions } from '../context.ts';
import { accountOf } from '../drill/account.ts';
import { accountLines, faultLine, jsonOf } from '../drill/account-lines.ts';
import { FAULT_KINDS, type FaultKind, mixedPlan } from '../drill/plan.ts';
import { removeDrill, runDrill } from '../drill/run-drill.ts';
import { SmallDisk } from '../drill/small-disk.ts';
import { EXIT } from '../exit-codes.ts';

/** Options of `rekindle drill`. */
interface DrillCommandOptions extends GlobalOptions {
  readonly tasks?: string;
  readonly kills?: string;
  readonly faults?: string;
  readonly seed?: string;
  readonly minutes?: string;
  readonly keep?: boolean;
}

const DEFAULTS = { tasks: 60, kills: 12, minutes: 10 };
const MINUTE_MS = 60_000;
const USUAL_FAULTS: readonly FaultKind[] = [
  'worker',
  'spare',
  'keeper',
  'supervisor',
  'engine',
  'everything',
];

/** Proves the promises about crashes on a rekindle of its own: kills its processes while it works. */
export const run: CommandAction<DrillCommandOptions> = async (context, _args, options) => {
  const { output, config, signal } = context;
  if (config.temporal) throw elsewhere(config.temporal.address);
  if (process.platform === 'win32') throw unfit('the drill needs /proc or ps', 'Run it on Linux or macOS.');
  const seed = numberOf(options.seed, 'seed', Date.now() % 1_000_000, 0);
  const tasks = numberOf(options.tasks, 'tasks', DEFAULTS.tasks, 1);
  const kills = numberOf(options.kills, 'kills', DEFAULTS.kills, 0);
  const minutes = numberOf(options.minutes, 'minutes', DEFAULTS.minutes, 1);
  const { kinds, skipped } = possibleKinds(kindsOf(options.faults), context);
  const directory = mkdtempSync(join(tmpdir(), 'rekindle-drill-'));
  output.line(output.texts.drill.begins(tasks, kills, seed));
  try {
    const seen = await runDrill(mixedPlan(seed, { tasks, kills, kinds }), {
      directory,
      engine: config.engine,
      limitMs: minutes * MINUTE_MS,
      signal,
      log: await context.logger(),
      onFault: (fault, number) => output.line(faultLine(fault, number, kills, config.locale)),
    });
    const account = accountOf(seen);
    output.result({ seed, skipped, ...jsonOf(account) } as JsonObject, accountLines(account, config.locale));
    return account.broken.length === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    if (options.keep) output.say(output.texts.drill.kept(directory));
    else removeDrill(directory);
  }
};

function kindsOf(text: string | undefined): readonly FaultKind[] {
  if (text === undefined) return USUAL_FAULTS;
  const words = text.split(',').map((word) => word.trim());
  if (words.includes('all')) return FAULT_KINDS;
  const unknown = words.filter((word) => !FAULT_KINDS.includes(word as FaultKind));
  if (unknown.length > 0) {
    throw unfit(
      `there is no fault ${unknown.map((word) => `"${word}"`).join(', ')}`,
      `Faults: ${FAULT_KINDS.join(', ')}, or all.`,
    );
  }
  return words as FaultKind[];
}

/** What cannot be done here is said and left out. */
function possibleKinds(
  wanted: readonly FaultKind[],
  { output }: CommandContext,
): { kinds: readonly FaultKind[]; skipped: JsonObject } {
  const reason = wanted.includes('disk-full') ? SmallDisk.reasonAgainst() : null;
  if (reason === null) return { kinds: wanted, skipped: {} };
  output.say(output.texts.drill.skipped('disk-full', reason));
  return { kinds: wanted.filter((kind) => kind !== 'disk-full'), skipped: { 'disk-full': reason } };
}

function numberOf(text: string | undefined, option: string, otherwise: number, least: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw unfit(`--${option} must be a whole number of at least ${least}, not "${text}"`, 'Correct it.');
}

function unfit(message: string, hint: string): RekindleError {
  return new RekindleError('INVALID_INPUT', message, { hint });
}

function elsewhere(address: string): RekindleError {
  return unfit(
    `the drill kills an engine of its own, and will not touch the server at ${address}`,
    'Run it without TEMPORAL_ADDRESS and without a Temporal profile.',
  );
}
