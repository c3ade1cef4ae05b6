import { statSync } from 'node:fs';
import type { Connection } from '../connection.ts';
import { schemaVersion } from '../migrate.ts';
import type { Mirror } from '../mirror.ts';
import { readCursor } from '../write/cursor.ts';

/** Statistics of the mirror file. Sizes in bytes, times ISO 8601 in UTC. */
export interface DatabaseStatistics {
  readonly path: string;
  readonly db_size: number;
  readonly wal_size: number;
  readonly page_count: number;
  readonly page_size: number;
  /** Share of the file that deleted rows left free, 0–1; `vacuum` gives it back. */
  readonly free_share: number;
  readonly schema_version: number;
  readonly task_count: number;
  readonly session_count: number;
  readonly recovery_log_count: number;
  readonly failure_count: number;
  readonly notification_count: number;
  /** The projector's last pass; null: none yet. Written at most every 5 s while nothing changes. */
  readonly last_projected_at: string | null;
  /** Last comparison with all of Temporal; null: none since the file was opened. */
  readonly last_reconciled_at: string | null;
}

/** Measures the mirror. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function databaseStatistics(mirror: Mirror): DatabaseStatistics {
  return mirror.read((connection) => {
    const cursor = readCursor(connection);
    const pages = Number(connection.pragma('page_count'));
    return {
      path: mirror.path,
      db_size: sizeOf(mirror.path),
      wal_size: sizeOf(`${mirror.path}-wal`),
      page_count: pages,
      page_size: Number(connection.pragma('page_size')),
      free_share: pages > 0 ? Number(connection.pragma('freelist_count')) / pages : 0,
      schema_version: schemaVersion(connection),
      task_count: count(connection, 'task_states'),
      session_count: count(connection, 'sessions'),
      recovery_log_count: count(connection, 'recovery_logs'),
      failure_count: count(connection, 'failures'),
      notification_count: count(connection, 'notifications'),
      last_projected_at: isoOrNull(cursor.projected_ms),
      last_reconciled_at: isoOrNull(cursor.reconciled_ms),
    };
  });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

type Counted = 'task_states' | 'sessions' | 'recovery_logs' | 'failures' | 'notifications';

function count(connection: Connection, table: Counted): number {
  return connection.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n ?? 0;
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
