import { FAILURE_CATEGORIES, type FailureCategory, isRecoverable } from '../domain/category.ts';
import type { Locale } from '../failures/index.ts';
import { ANALYSIS_TEXTS } from './analysis-texts.ts';
import type { Burst } from './bursts.ts';
import { localIso } from './local-time.ts';
import type { Trend } from './trend.ts';

/** A part in percent with one decimal, always written: `44.4`, `100.0`. */
function percentOf(part: number, whole: number): string {
  return (whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10).toFixed(1);
}

/**
 * The three documented insights: the main cause with its share, the share that can be recovered automatically, and
 * what to do about the main cause. With no failure at all one sentence says so.
 * @param distribution failures by category, the most frequent first.
 */
export function insightsOf(
  distribution: readonly (readonly [FailureCategory, number])[],
  locale: Locale,
): string[] {
  const texts = ANALYSIS_TEXTS[locale];
  const main = distribution[0];
  if (!main) return [texts.none];
  const total = distribution.reduce((sum, [, count]) => sum + count, 0);
  const recoverable = distribution.reduce(
    (sum, [category, count]) => sum + (isRecoverable(category) ? count : 0),
    0,
  );
  const builtIn = FAILURE_CATEGORIES.find((one) => one === main[0]);
  return [
    texts.mainCause(main[0], percentOf(main[1], total)),
    texts.recoverable(percentOf(recoverable, total)),
    builtIn ? texts.advice[builtIn] : texts.ownAdvice(main[0]),
  ];
}

/** What the further insights are drawn from. */
export interface InsightFacts {
  readonly total: number;
  readonly trend: Trend;
  readonly newGroups: number;
  readonly bursts: readonly Burst[];
  readonly topHost: { readonly host: string; readonly count: number } | undefined;
  readonly unknown: { readonly failures: number; readonly groups: number };
}

/** A host is worth a sentence from this share of all failures on. */
const LEAST_HOST_SHARE = 0.2;

/** Sentences beyond the documented ones; each only when there is something to say. */
export function furtherInsightsOf(facts: InsightFacts, locale: Locale): string[] {
  const texts = ANALYSIS_TEXTS[locale];
  const sentences: string[] = [];
  const { direction, change_percent } = facts.trend;
  if (direction === 'up' || direction === 'down') {
    sentences.push(texts.trend[direction](Math.abs(change_percent ?? 0).toFixed(1)));
  }
  if (facts.trend.previous > 0 && facts.newGroups > 0) sentences.push(texts.newGroups(facts.newGroups));
  const burst = facts.bursts[0];
  if (burst) sentences.push(texts.burst(minuteOf(burst.from), burst.count, burst.usual));
  const host = facts.topHost;
  if (host && host.count >= LEAST_HOST_SHARE * facts.total) {
    sentences.push(texts.topHost(host.host, percentOf(host.count, facts.total)));
  }
  if (facts.unknown.failures > 0) sentences.push(texts.unknown(facts.unknown.failures, facts.unknown.groups));
  return sentences;
}

/** `2026-01-31 08:15`, in the zone of this host as the report's other times: a slice of time has no seconds worth reading. */
function minuteOf(iso: string): string {
  return localIso(Date.parse(iso)).slice(0, 16).replace('T', ' ');
}
