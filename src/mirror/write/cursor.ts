import type { Connection } from '../connection.ts';

/** How far the projector got. Times in milliseconds since the epoch; null: never. */
export type Cursor = {
  readonly changed_ms: number | null;
  readonly reconciled_ms: number | null;
  readonly projected_ms: number | null;
  /** Completed tasks that closed before were cleaned up. */
  readonly cleaned_before_ms: number | null;
};

/**
 * A cursor that is set by this machine's clock lies this far back, since that clock may be ahead of the server's.
 */
export const CLOCK_SKEW_MS = 60_000;

export function readCursor(connection: Connection): Cursor {
  const row = connection.get<Cursor>(
    'SELECT changed_ms, reconciled_ms, projected_ms, cleaned_before_ms FROM projector_cursor WHERE id = 1',
  );
  return row ?? { changed_ms: null, reconciled_ms: null, projected_ms: null, cleaned_before_ms: null };
}

/** Changes only what is given. */
export function writeCursor(connection: Connection, change: Partial<Cursor>): void {
  const next = { ...readCursor(connection), ...change };
  connection.run(
    `INSERT OR REPLACE INTO projector_cursor (id, changed_ms, reconciled_ms, projected_ms, cleaned_before_ms)
     VALUES (1, @changed_ms, @reconciled_ms, @projected_ms, @cleaned_before_ms)`,
    next,
  );
}

/** Makes the next comparison with all of Temporal due at once. */
export function forgetReconciliation(connection: Connection): void {
  writeCursor(connection, { reconciled_ms: null });
}
