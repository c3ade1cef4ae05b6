import type { Connection } from '../connection.ts';

/** What is cleaned up although Temporal may still have it. */
export type MarkName = 'failures';

/** Up to when it was cleaned up, in ms since the epoch; 0: it never was. */
export function readMark(connection: Connection, name: MarkName): number {
  const row = connection.get<{ before_ms: number }>('SELECT before_ms FROM clean_up_marks WHERE name = ?', [
    name,
  ]);
  return row?.before_ms ?? 0;
}

/** Moves a mark forward, never back. */
export function writeMark(connection: Connection, name: MarkName, beforeMs: number): void {
  connection.run(
    `INSERT INTO clean_up_marks (name, before_ms) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET before_ms = max(before_ms, excluded.before_ms)`,
    [name, beforeMs],
  );
}
