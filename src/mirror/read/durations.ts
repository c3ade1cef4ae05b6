import type { Durations } from '../../report/targets.ts';
import type { Connection, SqlParams } from '../connection.ts';

/** Sums up times. @param sql selects a column `seconds`; empty and negative ones (two clocks) count as 0. */
export function durations(connection: Connection, sql: string, params: SqlParams): Durations {
  const rows = connection.get<{ n: number }>(`SELECT count(*) AS n FROM (${sql})`, params)?.n ?? 0;
  const seconds = new Float64Array(rows);
  let count = 0;
  let sum = 0;
  for (const row of connection.iterate<{ seconds: number | null }>(sql, params)) {
    const value = Math.max(0, row.seconds ?? 0);
    seconds[count++] = value;
    sum += value;
  }
  if (count === 0) return { count, mean: 0, p95: 0, longest: 0 };
  seconds.sort();
  const rounded = (value = 0): number => Math.round(value * 1000) / 1000;
  return {
    count,
    mean: rounded(sum / count),
    // The nearest rank, as in the reports.
    p95: rounded(seconds[Math.ceil(0.95 * count) - 1]),
    longest: rounded(seconds[count - 1]),
  };
}
