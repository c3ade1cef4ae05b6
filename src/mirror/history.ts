import type { Connection, SqlValue } from './connection.ts';
import { readCursor, writeCursor } from './write/cursor.ts';
import { noteFirstStart } from './write/first-start.ts';
import { removeAllRepeated } from './write/recoveries.ts';

/** What was taken over from another file. */
export interface CopiedHistory {
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** What could not be read; empty for a sound file. */
  readonly problems: readonly string[];
}

/** The new file has its own: the schema's history, and how far its projector got. */
const NOT_COPIED = ['schema_migrations', 'projector_cursor'];

/** What Temporal gives again, as far as it still has it. */
const PROJECTED = ['task_states', 'task_runs', 'failures', 'task_recoveries', 'task_retries'];

/**
 * Takes over what Temporal does not know: sessions, recovery logs, tasks older than Temporal's retention, and
 * whatever else both files have a table for. Rows that are already there stay. What a damaged file still
 * gives is taken, the rest is named in `problems`.
 * @param part `own`: what never comes from Temporal. `projected`: what does, so that only what Temporal forgot is taken
 *   when it is asked first. @default both
 */
export function copyHistory(
  from: Connection,
  to: Connection,
  part: 'own' | 'projected' | 'both' = 'both',
): CopiedHistory {
  const rows: Record<string, number> = {};
  const problems: string[] = [];
  attempt('tables', problems, () => commonTables(from, to));
  if (problems.length > 0) return { rows, problems };
  const wanted = commonTables(from, to).filter(
    (table) => part === 'both' || PROJECTED.includes(table) === (part === 'projected'),
  );
  to.transaction(() => {
    for (const table of wanted) {
      rows[table] = 0;
      try {
        for (const row of readable(from, to, table)) rows[table] += insertRow(to, table, row);
      } catch (error) {
        problems.push(`${table} after ${rows[table]} rows: ${(error as Error).message}`);
      }
    }
    if (part !== 'own') {
      attempt('first starts', problems, () => keepFirstStarts(from, to));
      removeAllRepeated(to);
    }
    if (part !== 'projected') attempt('clean-up mark', problems, () => copyCleanUpMark(from, to));
  });
  return { rows, problems };
}

function commonTables(from: Connection, to: Connection): string[] {
  const known = new Set(to.tables());
  return from.tables().filter((table) => known.has(table) && !NOT_COPIED.includes(table));
}

/** The rows of a table, by the columns that both files have: the other one may be older. */
function readable(from: Connection, to: Connection, table: string): Iterable<Record<string, SqlValue>> {
  const known = new Set(to.columns(table).map((column) => column.name));
  const shared = from.columns(table).filter((column) => known.has(column.name));
  const list = shared.map((column) => `"${column.name}"`).join(', ');
  return from.iterate(`SELECT ${list} FROM "${table}"`);
}

function insertRow(to: Connection, table: string, row: Record<string, SqlValue>): number {
  const names = Object.keys(row);
  const columns = names.map((name) => `"${name}"`).join(', ');
  const values = names.map((name) => `@${name}`).join(', ');
  return to.run(`INSERT OR IGNORE INTO "${table}" (${columns}) VALUES (${values})`, row);
}

function attempt(what: string, problems: string[], fn: () => void): void {
  try {
    fn();
  } catch (error) {
    problems.push(`${what}: ${(error as Error).message}`);
  }
}

/** The old file may know runs that Temporal no longer has, and with them when a task was first started. */
function keepFirstStarts(from: Connection, to: Connection): void {
  if (!from.tables().includes('task_runs')) return;
  const rows = from.iterate<{ task_id: string; first_started_ms: number }>(
    'SELECT task_id, first_started_ms FROM task_runs',
  );
  for (const row of rows) noteFirstStart(to, row.task_id, row.first_started_ms);
}

/** Tasks that were cleaned up must not come back with the new file. */
function copyCleanUpMark(from: Connection, to: Connection): void {
  if (!from.tables().includes('projector_cursor')) return;
  const { cleaned_before_ms } = readCursor(from);
  if (cleaned_before_ms !== null) writeCursor(to, { cleaned_before_ms });
}
