import type { FailureCategory } from '../domain/category.ts';
import type { Locale } from '../failures/index.ts';
import { localIso } from './local-time.ts';
import { PROCESSING_TEXTS, type ProcessingTexts, type SkipReason } from './processing-texts.ts';

/** What a scan did about one failed task. */
export type ProcessedFailure = {
  readonly taskId: string;
  /** null when it could not even be classified. */
  readonly category: FailureCategory | null;
} & (
  | { readonly action: 'auto_recovery'; readonly delayMs: number }
  | { readonly action: 'admin_notification' | 'user_notification'; readonly recoveriesUsedUp?: number }
  | { readonly action: 'skipped'; readonly why: SkipReason }
  /** Classifying, recovering or notifying went wrong; the scan went on. */
  | { readonly action: 'error'; readonly error: string }
);

/** One entry of `results`; field names as documented. */
export interface ProcessingResult {
  readonly task_id: string;
  readonly category: FailureCategory | null;
  readonly action_taken: ProcessedFailure['action'];
  readonly success: boolean;
  readonly message: string;
  /** Seconds; only of a recovery. */
  readonly retry_delay?: number;
}

/** One entry of `stats.errors`. */
export interface ProcessingError {
  readonly task_id: string;
  readonly error: string;
}

/** The report of a failure scan; keys and shape as documented (SPEC section 5). */
export interface ProcessingReport {
  readonly success: boolean;
  readonly message: string;
  readonly total_processed: number;
  readonly stats: {
    readonly scanned: number;
    readonly analyzed: number;
    readonly recovered: number;
    readonly notified: number;
    readonly errors: readonly ProcessingError[];
  };
  readonly results: readonly ProcessingResult[];
  readonly processed_at: string;
}

/** Options of {@link processingReport}. */
export interface ProcessingReportOptions {
  /** End of the scan, in ms since the epoch. */
  readonly atMs: number;
  /** @default 'zh-CN' */
  readonly locale?: Locale;
  /** What ended the scan before it was through; absent: it looked at every failed task. */
  readonly brokenOffBy?: string;
}

/** Counts of what a scan did. */
export interface ProcessingCounts {
  scanned: number;
  analyzed: number;
  recovered: number;
  notified: number;
  errors: number;
}

/**
 * The report of a scan from what it did, task by task. Tasks that could not be processed are counted and listed in
 * `stats.errors`; the scan itself succeeded when it looked at all of them.
 */
export function processingReport(
  processed: Iterable<ProcessedFailure>,
  options: ProcessingReportOptions,
): ProcessingReport {
  const counts = noCounts();
  const errors: ProcessingError[] = [];
  const results: ProcessingResult[] = [];
  for (const failure of processed) {
    countFailure(counts, failure);
    const error = errorOf(failure);
    if (error) errors.push(error);
    results.push(resultOf(failure, options.locale));
  }
  return frameOf(counts, errors, results, options);
}

/** The keys of a report in the documented order, whatever its two lists are made of. */
export function frameOf<E, R>(
  { scanned, analyzed, recovered, notified }: ProcessingCounts,
  errors: E,
  results: R,
  { atMs, locale = 'zh-CN', brokenOffBy }: ProcessingReportOptions,
) {
  const texts = PROCESSING_TEXTS[locale];
  return {
    success: brokenOffBy === undefined,
    message: brokenOffBy === undefined ? texts.done : texts.brokenOff(brokenOffBy),
    total_processed: scanned,
    stats: { scanned, analyzed, recovered, notified, errors },
    results,
    processed_at: localIso(atMs),
  };
}

export function noCounts(): ProcessingCounts {
  return { scanned: 0, analyzed: 0, recovered: 0, notified: 0, errors: 0 };
}

/** Counts one more. */
export function countFailure(counts: ProcessingCounts, { category, action }: ProcessedFailure): void {
  counts.scanned += 1;
  if (category !== null) counts.analyzed += 1;
  if (action === 'auto_recovery') counts.recovered += 1;
  if (action === 'admin_notification' || action === 'user_notification') counts.notified += 1;
  if (action === 'error') counts.errors += 1;
}

/** Its entry of `stats.errors`; undefined: it could be processed. */
export function errorOf(failure: ProcessedFailure): ProcessingError | undefined {
  return failure.action === 'error' ? { task_id: failure.taskId, error: failure.error } : undefined;
}

/** Its entry of `results`. */
export function resultOf(failure: ProcessedFailure, locale: Locale = 'zh-CN'): ProcessingResult {
  const result = {
    task_id: failure.taskId,
    category: failure.category,
    action_taken: failure.action,
    success: failure.action !== 'error',
    message: messageOf(failure, PROCESSING_TEXTS[locale]),
  };
  return failure.action === 'auto_recovery'
    ? { ...result, retry_delay: Math.round(failure.delayMs / 1000) }
    : result;
}

function messageOf(failure: ProcessedFailure, texts: ProcessingTexts): string {
  switch (failure.action) {
    case 'auto_recovery':
      return texts.retryIn(Math.round(failure.delayMs / 1000));
    case 'admin_notification':
      return texts.told.administrators(failure.recoveriesUsedUp);
    case 'user_notification':
      return texts.told.user(failure.recoveriesUsedUp);
    case 'skipped':
      return texts.skipped[failure.why];
    case 'error':
      return texts.failed(failure.error);
  }
}
