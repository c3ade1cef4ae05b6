import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';

/** How an alert stands after a check. */
export interface AlertInput {
  readonly name: string;
  readonly raised: boolean;
  /** What was measured. */
  readonly value: number | null;
  readonly threshold: number | null;
  /** When it was checked, in ms since the epoch. */
  readonly atMs: number;
}

/** What a check changed. */
export type AlertChange = 'raised' | 'cleared' | 'unchanged';

type Stored = { readonly raised: number; readonly since_at: string | null };

/**
 * Notes how an alert stands, in one transaction. A check that is noted again with the same time gives the same answer,
 * so an activity may run twice.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function setAlert(mirror: Mirror, { name, raised, value, threshold, atMs }: AlertInput): AlertChange {
  const checked_at = sqlTime(atMs);
  return mirror.write((connection) => {
    const stored = connection.get<Stored>('SELECT raised, since_at FROM alerts WHERE name = ?', [name]);
    const changed = (stored?.raised === 1) !== raised;
    const since_at = changed ? checked_at : (stored?.since_at ?? null);
    connection.run(
      `INSERT OR REPLACE INTO alerts (name, raised, since_at, value, threshold, checked_at)
       VALUES (@name, @raised, @since_at, @value, @threshold, @checked_at)`,
      { name, raised: raised ? 1 : 0, since_at, value, threshold, checked_at },
    );
    if (since_at !== checked_at) return 'unchanged';
    return raised ? 'raised' : 'cleared';
  });
}
