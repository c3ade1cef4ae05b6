import type { JsonObject } from '../../domain/json.ts';
import type { Connection } from '../connection.ts';
import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';
import { jsonText } from './json-text.ts';

/** What a health check found. */
export interface HealthCheckInput {
  /** Milliseconds since the epoch; a check noted again with the same time replaces it. */
  readonly atMs: number;
  /** Whether the engine was reached and a worker polled. */
  readonly available: boolean;
  readonly details?: JsonObject | null;
}

/**
 * Notes a health check; stability is measured from these.
 * @throws {RekindleError} `INVALID_INPUT` when `details` are not JSON; `MIRROR_UNAVAILABLE`.
 */
export function recordHealthCheck(mirror: Mirror, { atMs, available, details }: HealthCheckInput): void {
  const text = jsonText(details ?? null, 'health check: details');
  mirror.write((connection) =>
    connection.run('INSERT OR REPLACE INTO health_checks (checked_at, available, details) VALUES (?, ?, ?)', [
      sqlTime(atMs),
      available ? 1 : 0,
      text,
    ]),
  );
}

/** A comparison of the mirror with all of Temporal. */
export interface ReconciliationInput {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Tasks that were compared. */
  readonly compared: number;
  /** Those whose row was as Temporal says. */
  readonly agreed: number;
}

/** Notes a comparison; consistency is measured from these. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function recordReconciliation(mirror: Mirror, input: ReconciliationInput): void {
  mirror.write((connection) => noteReconciliation(connection, input));
}

/** As {@link recordReconciliation}, within a transaction that also writes something else. */
export function noteReconciliation(
  connection: Connection,
  { atMs, compared, agreed }: ReconciliationInput,
): void {
  connection.run('INSERT OR REPLACE INTO reconciliations (at, compared, agreed) VALUES (?, ?, ?)', [
    sqlTime(atMs),
    compared,
    agreed,
  ]);
}
