import type { FailureCategory } from '../domain/category.ts';

/** Length of the slices of time in which failures are counted. */
export const SLICE_MS = 15 * 60_000;
/** Fewer failures in a slice are no burst, however quiet it is otherwise. */
const LEAST_COUNT = 10;
/** A burst has this many times the usual count (the median of all slices, at least 1). */
const TIMES_USUAL = 5;

/** The failures of one slice of time. */
export interface Slice {
  readonly count: number;
  readonly categories: ReadonlyMap<FailureCategory, number>;
}

/** A time in which far more failed than usual. */
export interface Burst {
  /** ISO 8601 in UTC. */
  readonly from: string;
  readonly to: string;
  readonly count: number;
  /** What the same time usually has. */
  readonly usual: number;
  readonly main_category: FailureCategory;
}

/**
 * Finds bursts. The median tells what is usual, since a mean would rise with the burst itself; slices of a burst that
 * touch are one.
 * @param slices by their number, from the start of the period.
 * @returns the largest first.
 */
export function findBursts(slices: ReadonlyMap<number, Slice>, total: number, startMs: number): Burst[] {
  const usual = medianCount(slices, total);
  const least = Math.max(LEAST_COUNT, TIMES_USUAL * Math.max(1, usual));
  const numbers = [...slices.keys()]
    .filter((n) => (slices.get(n) as Slice).count >= least)
    .sort((a, b) => a - b);
  const runs: number[][] = [];
  for (const n of numbers) {
    const last = runs.at(-1);
    if (last?.at(-1) === n - 1) last.push(n);
    else runs.push([n]);
  }
  return runs.map((run) => burstOf(run, slices, usual, startMs)).sort((a, b) => b.count - a.count);
}

function burstOf(
  run: readonly number[],
  slices: ReadonlyMap<number, Slice>,
  usual: number,
  startMs: number,
): Burst {
  const categories = new Map<FailureCategory, number>();
  let count = 0;
  for (const n of run) {
    const slice = slices.get(n) as Slice;
    count += slice.count;
    for (const [category, some] of slice.categories)
      categories.set(category, (categories.get(category) ?? 0) + some);
  }
  const [main] = [...categories].sort((a, b) => b[1] - a[1])[0] as [FailureCategory, number];
  const at = (n: number) => new Date(startMs + n * SLICE_MS).toISOString();
  return {
    from: at(run[0] as number),
    to: at((run.at(-1) as number) + 1),
    count,
    usual: usual * run.length,
    main_category: main,
  };
}

/** Of all slices, those without a failure included. */
function medianCount(slices: ReadonlyMap<number, Slice>, total: number): number {
  const counts = [...slices.values()].map((slice) => slice.count).sort((a, b) => a - b);
  const empty = Math.max(0, total - counts.length);
  const middle = Math.floor((empty + counts.length) / 2);
  return middle < empty ? 0 : (counts[middle - empty] ?? 0);
}
