import type { Mirror } from '../mirror.ts';
import { msOfSqlTime, msOrNull } from '../time.ts';

/** An alert as it stands. Times in ms since the epoch. */
export interface MirrorAlert {
  readonly name: string;
  readonly raised: boolean;
  /** When it was last raised or cleared; null: it never was raised. */
  readonly sinceMs: number | null;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly checkedMs: number;
}

type Row = {
  readonly name: string;
  readonly raised: number;
  readonly since_at: string | null;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly checked_at: string;
};

/** All alerts that were ever checked, by name. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function listAlerts(mirror: Mirror): MirrorAlert[] {
  const sql = 'SELECT name, raised, since_at, value, threshold, checked_at FROM alerts ORDER BY name';
  return mirror.read((connection) => connection.all<Row>(sql)).map(toAlert);
}

function toAlert({ raised, since_at, checked_at, ...row }: Row): MirrorAlert {
  return { ...row, raised: raised === 1, sinceMs: msOrNull(since_at), checkedMs: msOfSqlTime(checked_at) };
}
