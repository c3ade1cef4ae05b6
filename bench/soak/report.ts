/** What a soak found, in tables. */
import { printTable } from '../support/measure.ts';
import type { Ends } from './load.ts';
import type { Looks } from './look-in.ts';
import type { Kept } from './rhythms.ts';
import { PROCESSES, type ProcessName, QUANTITIES, type Quantity, type Sampler } from './sampler.ts';
import { ERRORS, GROWTH_SHARE, type Trend, trendOf, WARM_UP_SHARE } from './trend.ts';

/** The server's own memory is nobody's promise here; it is shown. */
const PROMISED: readonly ProcessName[] = ['supervisor', 'worker', 'spare', 'keeper'];
/** A shorter run has not warmed up when it ends: what grows is shown, and does not count. */
const JUDGED_FROM_MS = 10 * 60_000;

/** All that was found. */
export interface SoakResult {
  readonly minutes: number;
  readonly hours: number;
  readonly runMs: number;
  readonly sampler: Sampler;
  readonly ends: Ends;
  readonly wrongFiles: readonly string[];
  /** What `rekindle mirror check` found at the end; null: nothing. */
  readonly mirrorProblems: string | null;
  readonly looks: Looks;
  readonly rhythms: readonly Kept[];
  readonly logins: number;
  readonly messages: number;
  /** Exit code of `up` at its end; null: it had to be killed. */
  readonly exitCode: number | null;
  /** Processes that had to be replaced meanwhile. */
  readonly replaced: readonly ProcessName[];
  readonly load: string;
}

/** Prints everything. @returns the promises that are broken. */
export function printSoak(result: SoakResult): string[] {
  const growing = printTrends(result);
  printWork(result);
  const broken = [...brokenByWork(result), ...(result.runMs >= JUDGED_FROM_MS ? growing : [])];
  if (result.runMs < JUDGED_FROM_MS && growing.length > 0)
    console.log(`\nToo short to judge (10 minutes at least): ${growing.join('; ')}`);
  console.log(broken.length === 0 ? '\n✓ every promise was kept' : `\n✗ BROKEN: ${broken.join('; ')}`);
  return broken;
}

function printTrends({ sampler, minutes, hours, load }: SoakResult): string[] {
  const found = PROCESSES.flatMap((name) =>
    (Object.entries(QUANTITIES) as [Quantity, number][]).flatMap(([quantity, least]) => {
      const trend = trendOf(sampler.pointsOf(name, quantity), least);
      return trend ? [{ name, quantity, trend }] : [];
    }),
  );
  printTable(
    `${hours} simulated hours in ${minutes} min, the first ${100 * WARM_UP_SHARE} % left out (load ${load})`,
    ['process', 'of', 'start', 'end', 'max', 'slope each hour ± standard error', 'in 24 h', ''],
    found.map(({ name, quantity, trend }) => [name, quantity, ...cells(trend)]),
  );
  console.log(
    `\ngrows: in 24 h by more than ${100 * GROWTH_SHARE} % of the start and more than ` +
      `${Object.entries(QUANTITIES)
        .map(([quantity, least]) => `${least} (${quantity})`)
        .join(', ')}, and the slope more than ${ERRORS} standard errors above zero`,
  );
  for (const [name, resources] of sampler.lastResources)
    console.log(`${name} holds at the end: ${JSON.stringify(resources)}`);
  return found
    .filter(({ name, trend }) => trend.grows && PROMISED.includes(name))
    .map(({ name, quantity }) => `${quantity} of the ${name} grows`);
}

function cells({ start, end, max, slope, error, grows }: Trend): string[] {
  const rate = `${slope.toFixed(3)} ± ${error.toFixed(3)}`;
  const day = `${slope >= 0 ? '+' : ''}${(24 * slope).toFixed(1)}`;
  return [
    ...[start, end, max].map((value) => value.toFixed(1)),
    rate,
    day,
    grows ? 'GROWS' : 'does not grow',
  ];
}

function printWork(result: SoakResult): void {
  const { ends, wrongFiles, looks, rhythms, logins, messages, mirrorProblems } = result;
  const { completed, healed, failed, cancelled } = ends.ended;
  const row = (what: string, count: number | string): string[] => [what, String(count)];
  printTable(
    'What was done',
    ['', 'count'],
    [
      row('tasks completed', completed),
      row('tasks healed by a recovery', healed),
      row('tasks failed, as they had to', failed),
      row('tasks cancelled', cancelled),
      row('tasks lost', ends.lost),
      row('tasks that ended in another way than they should', ends.wrong.length - ends.lost),
      row('files with wrong content', wrongFiles.length),
      row('logins at the site', logins),
      row('messages to the webhook', messages),
      ...rhythms.map(({ rhythm, completed, failed }) => row(rhythm, `${completed}, failed ${failed}`)),
      row('commands by people', looks.commands),
      row("reads of the mirror's file", looks.reads),
      row('the mirror agrees with Temporal', mirrorProblems === null ? 'yes' : 'NO'),
    ],
  );
  for (const { task, problem } of ends.wrong) console.log(`${task.taskId} (${task.kind}) ${problem}`);
  if (mirrorProblems !== null) console.log(mirrorProblems);
  for (const problem of looks.problems) console.log(problem);
}

function brokenByWork(result: SoakResult): string[] {
  const { ends, wrongFiles, mirrorProblems, messages, looks, rhythms, exitCode, replaced } = result;
  const missed = rhythms.filter(({ completed, failed }) => completed === 0 || failed > 0);
  return [
    ...(ends.lost > 0 ? [`${ends.lost} tasks lost`] : []),
    ...(ends.wrong.length > ends.lost ? [`${ends.wrong.length - ends.lost} tasks ended wrongly`] : []),
    ...(wrongFiles.length > 0 ? [`wrong content: ${wrongFiles.join(', ')}`] : []),
    ...(mirrorProblems === null ? [] : ['the mirror does not agree with Temporal']),
    ...(messages === 0 && ends.ended.failed > 0 ? ['nobody was told of failures'] : []),
    ...(looks.problems.length > 0 ? [`${looks.problems.length} looks got no answer`] : []),
    ...(missed.length > 0 ? [`not kept: ${missed.map(({ rhythm }) => rhythm).join(', ')}`] : []),
    ...(replaced.length > 0 ? [`processes ended and were replaced: ${replaced.join(', ')}`] : []),
    ...(exitCode === 0 ? [] : [`up ended with exit code ${exitCode}`]),
  ];
}
