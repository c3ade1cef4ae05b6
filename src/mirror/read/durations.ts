import type { Durations } from '../../report/targets.ts';
import type { Connection, SqlParams } from '../connection.ts';

/** Sums up times. @param sql selects a column `seconds`; empty and negative ones (two clocks) count as 0. */
export function durations(connection: Connection, sql: string, params: SqlParams): Durations {
  const seconds: number[] = [];
  let sum = 0;
  for (const row of connection.iterate<{ seconds: number | null }>(sql, params)) {
    const value = Math.max(0, row.seconds ?? 0);
    seconds.push(value);
    sum += value;
  }
  const count = seconds.length;
  if (count === 0) return { count, mean: 0, p95: 0, longest: 0 };
  const sorted = Float64Array.from(seconds).sort();
  const rounded = (value = 0): number => Math.round(value * 1000) / 1000;
  return {
    count,
    mean: rounded(sum / count),
    // The nearest rank, as in the reports.
    p95: rounded(sorted[Math.ceil(0.95 * count) - 1]),
    longest: rounded(sorted[count - 1]),
  };
}
