/** What a drill does: which files are fetched, and what is done to the processes meanwhile. */
import { Random } from './random.ts';

/** What can be done to a running rekindle. All kills are `kill -9`. */
export const FAULT_KINDS = [
  'worker',
  'spare',
  'keeper',
  'supervisor',
  'engine',
  'everything',
  'network',
  'disk-full',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Faults that interrupt the downloads under way. */
export const INTERRUPTING: readonly FaultKind[] = ['worker', 'supervisor', 'everything'];

/** A file of the drill's server. */
export interface DrillFile {
  /** Its name, and with it the ID of its task. */
  readonly name: string;
  readonly size: number;
  /** Another seed is another content. */
  readonly seed: number;
  /** Bytes per second of one connection. */
  readonly rate: number;
  readonly connections: number;
  /** The server does not have it: the task has to fail, once. @default false */
  readonly missing?: boolean;
}

/** One fault and when. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** How long after the one before is over, in ms. */
  readonly afterMs: number;
  /** For faults that last: how long, in ms. */
  readonly lastsMs: number;
}

export interface DrillPlan {
  readonly files: readonly DrillFile[];
  readonly faults: readonly PlannedFault[];
  /** Tasks under way at once, at most. */
  readonly atOnce: number;
  /** Start all tasks at once, instead of some after each fault. @default false */
  readonly allAtOnce?: boolean;
  /** Wait before each fault until worker, spare and keeper stand ready. @default false: it strikes as it comes */
  readonly whole?: boolean;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** Of ten tasks, five are small (a moment), three middling (seconds), two long. */
const SIZES = [
  { share: 5, size: [16 * KIB, 256 * KIB], rate: MIB, connections: 1 },
  { share: 3, size: [0.5 * MIB, 2 * MIB], rate: 256 * KIB, connections: 2 },
  { share: 2, size: [2 * MIB, 5 * MIB], rate: 128 * KIB, connections: 4 },
] as const;

/** One task in so many asks for a file that is not there: what ends wrongly has to, whatever is killed. */
const MISSING_EVERY = 20;

/** Between two faults, in ms. One in five strikes while the one before is hardly over. */
const PAUSE_MS = [600, 3000] as const;
const SOON_MS = [0, 300] as const;
const SOON_SHARE = 0.2;
/** How long a cut network or a full disk lasts, in ms; one in four outlasts the heartbeat timeout of a step. */
const SHORT_MS = [500, 4000] as const;
const LONG_MS = 12_000;
const LONG_SHARE = 0.25;

/** A mixed load and faults of the given kinds, each in turn, in an order and at moments that the seed decides. */
export function mixedPlan(
  seed: number,
  { tasks, kills, kinds }: { tasks: number; kills: number; kinds: readonly FaultKind[] },
): DrillPlan {
  const random = new Random(seed);
  return {
    files: Array.from({ length: tasks }, (_, i) => mixedFile(random, i)),
    faults: kindsInTurn(random, kinds, kills).map((kind) => plannedFault(random, kind)),
    atOnce: 50,
  };
}

function mixedFile(random: Random, i: number): DrillFile {
  // 3 and 10 have no common divisor, so that any ten tasks in a row have the shares.
  let at = (i * 3) % 10;
  const { size, rate, connections } = SIZES.find(({ share }) => {
    at -= share;
    return at < 0;
  }) as (typeof SIZES)[number];
  return {
    name: `drill-${String(i + 1).padStart(4, '0')}`,
    size: Math.round(random.between(size[0], size[1])),
    seed: Math.floor(random.between(1, 2 ** 31)),
    rate,
    connections,
    missing: i % MISSING_EVERY === MISSING_EVERY - 1,
  };
}

function kindsInTurn(random: Random, kinds: readonly FaultKind[], count: number): FaultKind[] {
  const found: FaultKind[] = [];
  while (found.length < count && kinds.length > 0) found.push(...random.shuffled(kinds));
  return found.slice(0, count);
}

function plannedFault(random: Random, kind: FaultKind): PlannedFault {
  const soon = random.next() < SOON_SHARE;
  const long = random.next() < LONG_SHARE;
  return {
    kind,
    afterMs: soon ? random.between(...SOON_MS) : random.between(...PAUSE_MS),
    lastsMs: long ? LONG_MS : random.between(...SHORT_MS),
  };
}

/** Tasks that last as long as the faults do, all of them under way, and one kind of fault again and again. */
export function steadyPlan(
  kind: FaultKind,
  { tasks, rounds, seed = 1 }: { tasks: number; rounds: number; seed?: number },
): DrillPlan {
  const random = new Random(seed);
  return {
    files: Array.from({ length: tasks }, (_, i) => ({
      name: `drill-${String(i + 1).padStart(4, '0')}`,
      size: 12 * MIB,
      seed: i + 1,
      rate: 48 * KIB,
      connections: 1,
    })),
    faults: Array.from({ length: rounds }, () => ({
      kind,
      afterMs: random.between(500, 2500),
      lastsMs: 0,
    })),
    atOnce: tasks,
    allAtOnce: true,
    whole: true,
  };
}
