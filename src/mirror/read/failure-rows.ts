import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from '../connection.ts';
import type { Mirror } from '../mirror.ts';
import { msOfSqlTime, sqlTime } from '../time.ts';

/** A failure as the pattern analysis needs it. */
export interface FailureRowOfMirror {
  readonly runId: string;
  readonly taskId: string;
  readonly taskType: string;
  readonly category: string;
  readonly rule: string;
  readonly message: string;
  /** Empty: the message was never grouped. */
  readonly fingerprint: string;
  readonly host: string | undefined;
  /** When the run failed, in ms since the epoch. */
  readonly atMs: number;
}

/** Rows at a time: some 3 ms of reading. */
const PAGE = 2000;

/**
 * Streams the failures of a span of time, the oldest first. Other reads and writes may happen in between.
 * @param sinceMs ms since the epoch. @param untilMs excluded.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
 */
export function* failureRows(
  mirror: Mirror,
  sinceMs: number,
  untilMs: number,
): IterableIterator<FailureRowOfMirror> {
  let after = startOf(sinceMs);
  for (;;) {
    const page = mirror.read((connection) => readPage(connection, after, untilMs));
    yield* page.rows;
    if (!page.next) return;
    after = page.next;
  }
}

/**
 * Hands the failures of a span of time to `onBatch`, the oldest first, as they are now whatever is written meanwhile.
 * The thread is given back between two batches.
 * @param untilMs excluded.
 * @returns the number of rows.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`; what `onBatch` throws.
 */
export function withFailureRows(
  mirror: Mirror,
  sinceMs: number,
  untilMs: number,
  onBatch: (rows: readonly FailureRowOfMirror[]) => void | Promise<void>,
): Promise<number> {
  return mirror.readSnapshot(async (connection) => {
    let after = startOf(sinceMs);
    let count = 0;
    for (;;) {
      const page = readPage(connection, after, untilMs);
      count += page.rows.length;
      if (page.rows.length > 0) await onBatch(page.rows);
      if (!page.next) return count;
      after = page.next;
      await nextTurn();
    }
  });
}

/** The last row that was read. */
interface Place {
  readonly failed_at: string;
  readonly id: number;
}

function startOf(sinceMs: number): Place {
  // Rowids begin at 1.
  return { failed_at: sqlTime(Math.max(0, sinceMs)), id: 0 };
}

type Row = Omit<FailureRowOfMirror, 'atMs' | 'host'> & {
  readonly id: number;
  readonly host: string | null;
  readonly failed_at: string;
};

// The rowid is the end of every index entry, so that this goes on where the last page ended.
const SELECT = `
SELECT rowid AS id, run_id AS runId, task_id AS taskId, task_type AS taskType, category, rule, message, fingerprint,
  host, failed_at
FROM failures INDEXED BY failures_by_moment
WHERE (failed_at, rowid) > (@failed_at, @id) AND failed_at < @until
ORDER BY failed_at, rowid LIMIT ${PAGE}`;

function readPage(
  connection: Connection,
  after: Place,
  untilMs: number,
): { readonly rows: FailureRowOfMirror[]; readonly next: Place | undefined } {
  const found = connection.all<Row>(SELECT, { ...after, until: sqlTime(untilMs) });
  return { rows: found.map(toRow), next: found.length === PAGE ? found.at(-1) : undefined };
}

/** Written out, since a million rows are read: copying the rest of a row costs as much as reading it. */
function toRow(row: Row): FailureRowOfMirror {
  return {
    runId: row.runId,
    taskId: row.taskId,
    taskType: row.taskType,
    category: row.category,
    rule: row.rule,
    message: row.message,
    fingerprint: row.fingerprint,
    host: row.host ?? undefined,
    atMs: msOfSqlTime(row.failed_at),
  };
}
