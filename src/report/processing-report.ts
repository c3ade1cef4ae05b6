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
    readonly errors: readonly { readonly task_id: string; readonly error: string }[];
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

/**
 * The report of a scan from what it did, task by task. Tasks that could not be processed are counted and listed in
 * `stats.errors`; the scan itself succeeded when it looked at all of them.
 */
export function processingReport(
  processed: Iterable<ProcessedFailure>,
  { atMs, locale = 'zh-CN', brokenOffBy }: ProcessingReportOptions,
): ProcessingReport {
  const texts = PROCESSING_TEXTS[locale];
  const stats = {
    scanned: 0,
    analyzed: 0,
    recovered: 0,
    notified: 0,
    errors: [] as { task_id: string; error: string }[],
  };
  const results: ProcessingResult[] = [];
  for (const failure of processed) {
    stats.scanned += 1;
    if (failure.category !== null) stats.analyzed += 1;
    if (failure.action === 'auto_recovery') stats.recovered += 1;
    if (failure.action === 'admin_notification' || failure.action === 'user_notification')
      stats.notified += 1;
    if (failure.action === 'error') stats.errors.push({ task_id: failure.taskId, error: failure.error });
    results.push(resultOf(failure, texts));
  }
  return {
    success: brokenOffBy === undefined,
    message: brokenOffBy === undefined ? texts.done : texts.brokenOff(brokenOffBy),
    total_processed: results.length,
    stats,
    results,
    processed_at: localIso(atMs),
  };
}

function resultOf(failure: ProcessedFailure, texts: ProcessingTexts): ProcessingResult {
  const result = {
    task_id: failure.taskId,
    category: failure.category,
    action_taken: failure.action,
    success: failure.action !== 'error',
    message: messageOf(failure, texts),
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
