import { RETRY_ERROR_TYPES, type RetryErrorType } from '../../domain/retry-policy.ts';
import type { Span } from '../../monitoring/ports.ts';
import type { Mirror } from '../mirror.ts';
import { sqlTime } from '../time.ts';

/** What steps that failed for good had been through with one kind of error. */
export interface RetryTypeStatistics {
  /** Attempts that failed with it. */
  readonly attempts: number;
  /** Steps that ended with it, all its attempts used up. */
  readonly exhausted: number;
}

/** How retries inside tasks went, of the runs that ended in a span. */
export interface RetryStatistics {
  /** Steps that were tried again, those of them that succeeded, and the attempts that took. */
  readonly steps: { readonly total: number; readonly good: number; readonly tries: number };
  readonly by_type: Readonly<Record<RetryErrorType, RetryTypeStatistics>>;
}

/** Counts retries inside tasks. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
export function retryStatistics(mirror: Mirror, { sinceMs, untilMs }: Span): RetryStatistics {
  const span = [sqlTime(sinceMs), sqlTime(untilMs)];
  return mirror.read((connection) => {
    const steps = connection.get<RetryStatistics['steps']>(STEPS, span);
    const rows = connection.all<RetryTypeStatistics & { readonly type: string }>(BY_TYPE, span);
    const found = new Map(rows.map(({ type, ...counts }) => [type, counts]));
    const none: RetryTypeStatistics = { attempts: 0, exhausted: 0 };
    const by_type = RETRY_ERROR_TYPES.map((type) => [type, found.get(type) ?? none] as const);
    return {
      steps: steps ?? { total: 0, good: 0, tries: 0 },
      by_type: Object.fromEntries(by_type) as RetryStatistics['by_type'],
    };
  });
}

const STEPS = `
SELECT coalesce(sum(total), 0) AS total, coalesce(sum(good), 0) AS good, coalesce(sum(tries), 0) AS tries
FROM task_retries WHERE ended_at >= ? AND ended_at < ?`;

/** A column that was edited by hand, and what is no count, are passed over. */
const BY_TYPE = `
SELECT spent.key AS type, sum(spent.value) AS attempts, sum(spent.key = retry_type) AS exhausted
FROM failures, json_each(CASE WHEN json_valid(attempts) THEN attempts ELSE '{}' END) AS spent
WHERE failed_at >= ? AND failed_at < ? AND spent.type = 'integer' AND spent.value > 0
GROUP BY spent.key`;
