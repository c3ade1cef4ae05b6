import type { Span as TimeSpan } from '../../monitoring/ports.ts';
import type { Durations, Tally, TargetCounts } from '../../report/targets.ts';
import type { Connection } from '../connection.ts';
import type { Mirror } from '../mirror.ts';
import { msOfSqlTime, sqlTime } from '../time.ts';
import { durations } from './durations.ts';
import { automaticRecoveries } from './health-counts.ts';

/** What the nine targets are computed from, as far as the mirror knows. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function targetCounts(mirror: Mirror, { sinceMs, untilMs }: TimeSpan): TargetCounts {
  const span = [sqlTime(sinceMs), sqlTime(untilMs)] as const;
  return mirror.read((connection) => ({
    resumes: resumes(connection, span),
    retriedSteps: retriedSteps(connection, span),
    crashRecoveries: crashRecoveries(connection, span),
    comparedTasks: tally(
      connection,
      'SELECT sum(compared) AS total, sum(agreed) AS good FROM reconciliations WHERE at >= ? AND at < ?',
      span,
    ),
    uptime: uptime(connection, sinceMs, untilMs),
    recoveries: automaticRecoveries(connection, ...span),
    processingDelays: processingDelays(connection, span),
    judgedClassifications: tally(
      connection,
      `SELECT count(*) AS total, sum(right_category = category) AS good FROM classification_verdicts
       WHERE judged_at >= ? AND judged_at < ?`,
      span,
    ),
    notificationDelays: notificationDelays(connection, span),
  }));
}

type Span = readonly [since: string, until: string];
type Sums = { readonly total: number | null; readonly good: number | null };

function tally(connection: Connection, sql: string, span: Span): Tally {
  const row = connection.get<Sums>(sql, span);
  return { total: row?.total ?? 0, good: row?.good ?? 0 };
}

const RESUMES = `FROM task_recoveries
  WHERE ended_at >= ? AND ended_at < ? AND from_step IS NOT NULL AND outcome IN ('completed', 'failed')`;

/** A cancelled run was not given the time to get past its checkpoint. */
function resumes(connection: Connection, span: Span): TargetCounts['resumes'] {
  return {
    ...tally(connection, `SELECT count(*) AS total, count(resumed_after_ms) AS good ${RESUMES}`, span),
    durations: durations(
      connection,
      `SELECT resumed_after_ms / 1000.0 AS seconds ${RESUMES} AND resumed_after_ms IS NOT NULL`,
      span,
    ),
  };
}

function retriedSteps(connection: Connection, span: Span): TargetCounts['retriedSteps'] {
  const row = connection.get<Sums & { readonly tries: number | null }>(
    `SELECT sum(total) AS total, sum(good) AS good, sum(tries) AS tries FROM task_retries
     WHERE ended_at >= ? AND ended_at < ?`,
    span,
  );
  return { total: row?.total ?? 0, good: row?.good ?? 0, tries: row?.tries ?? 0 };
}

/** Recovery sessions whose data tells how many seconds it took (of one that was cut short nobody knows); data may be damaged, as it is edited by hand. */
function crashRecoveries(connection: Connection, span: Span): Durations {
  return durations(
    connection,
    `SELECT data ->> '$.seconds' AS seconds FROM sessions
     WHERE session_type = 'recovery' AND status <> 'interrupted' AND created_at >= ? AND created_at < ?
       AND CASE WHEN json_valid(data) THEN json_type(data, '$.seconds') END IN ('integer', 'real')`,
    span,
  );
}

/** A check says how things are until the next one, but no longer than this: then nobody looked. */
const CHECK_HOLDS_MS = 120_000;

function uptime(connection: Connection, sinceMs: number, untilMs: number): TargetCounts['uptime'] {
  const checks = connection.iterate<{ checked_at: string; available: number }>(
    `SELECT checked_at, available FROM health_checks
     WHERE checked_at >= ? AND checked_at < ? ORDER BY checked_at DESC`,
    // The check before the span may hold into it.
    [sqlTime(sinceMs - CHECK_HOLDS_MS), sqlTime(untilMs)],
  );
  let observedMs = 0;
  let availableMs = 0;
  let counted = 0;
  let nextMs = untilMs;
  for (const { checked_at, available } of checks) {
    const fromMs = msOfSqlTime(checked_at);
    const holdsMs = Math.min(nextMs, fromMs + CHECK_HOLDS_MS) - Math.max(fromMs, sinceMs);
    nextMs = fromMs;
    if (!(holdsMs > 0)) continue;
    counted += 1;
    observedMs += holdsMs;
    if (available) availableMs += holdsMs;
  }
  return { observed: observedMs / 1000, available: availableMs / 1000, checks: counted };
}

function processingDelays(connection: Connection, span: Span): Durations {
  return durations(
    connection,
    `SELECT unixepoch(handled_at, 'subsec') - unixepoch(failed_at, 'subsec') AS seconds FROM failure_handling
     WHERE handled_at >= ? AND handled_at < ?
       AND action IN ('auto_recovery', 'admin_notification', 'user_notification')`,
    span,
  );
}

/** Where no channel is configured the logs are what delivers. */
function notificationDelays(connection: Connection, span: Span): Durations {
  return durations(
    connection,
    `SELECT unixepoch(coalesce(first_delivered_at, logged_at), 'subsec') - unixepoch(decided_at, 'subsec') AS seconds
     FROM notifications WHERE decided_at >= ? AND decided_at < ?`,
    span,
  );
}
