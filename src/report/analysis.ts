import { FAILURE_CATEGORIES, type FailureCategory } from '../domain/category.ts';
import type { Locale } from '../failures/index.ts';
import { ANALYSIS_TEXTS } from './analysis-texts.ts';
import { type Burst, findBursts, SLICE_MS } from './bursts.ts';
import { furtherInsightsOf, insightsOf } from './insights.ts';
import { type FailureGroup, MessageGroups } from './message-groups.ts';
import { type ProposedRule, proposeRule } from './propose-rule.ts';
import { TopEntries } from './top-entries.ts';
import { type Trend, trendOf } from './trend.ts';

/** One failure of a task. */
export interface FailureRow {
  readonly taskType: string;
  readonly category: FailureCategory;
  /** The kept message: shortened, secrets masked. */
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** The host that was spoken to; absent: the first one that the message names. */
  readonly host?: string | undefined;
  /** What the message was grouped by when it was kept, its host with it: then it need not be read again. */
  readonly fingerprint?: string | undefined;
}

/** The report of a pattern analysis: the documented keys (SPEC section 5) first, then ours. */
export interface AnalysisReport {
  readonly success: boolean;
  readonly analysis_period: string;
  readonly total_failures: number;
  /** The most frequent first. */
  readonly category_distribution: Readonly<Record<string, number>>;
  /** The most frequent first. */
  readonly task_type_failures: Readonly<Record<string, number>>;
  readonly insights: readonly string[];

  readonly further_insights: readonly string[];
  /** ISO 8601 in UTC; `to` is excluded. */
  readonly period: { readonly from: string; readonly to: string };
  readonly trend: Trend & { readonly by_category: Readonly<Record<string, Trend>> };
  readonly groups: readonly FailureGroup[];
  /** Groups of this period that are not listed, and failures of both periods whose group was too rare to be kept. */
  readonly groups_omitted: { readonly groups: number; readonly failures_forgotten: number };
  readonly bursts: readonly Burst[];
  readonly top_hosts: readonly {
    readonly host: string;
    readonly count: number;
    readonly last_seen: string;
  }[];
  readonly unknown_errors: {
    readonly total: number;
    readonly groups: readonly (FailureGroup & { readonly proposed_rule: ProposedRule | null })[];
  };
}

/** What is analysed, and how it is told. */
export interface AnalysisOptions {
  /** End of the period (excluded), in ms since the epoch. */
  readonly toMs: number;
  /** Length of the period; the one before, for the trend, is as long. @default 7 days */
  readonly periodMs?: number;
  /** @default 'zh-CN' */
  readonly locale?: Locale;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEFAULT_PERIOD_MS = 7 * DAY_MS;
/** Entries of the lists in the report, so that it stays readable. */
const LISTED_GROUPS = 100;
const LISTED_BURSTS = 20;
const LISTED_HOSTS = 10;
const LISTED_UNKNOWN = 20;
const KNOWN_TO_COMPARE = 500;
const MOST_HOSTS = 2000;

interface Count {
  current: number;
  previous: number;
}

/**
 * Pattern analysis, fed row by row in any order, so that a million failures need no more memory than their kinds:
 *
 * ```ts
 * const analysis = new FailureAnalysis({ toMs: Date.now() });
 * for (const row of failuresSince(analysis.previousFromMs)) analysis.add(row);
 * await writeReport('reports', 'failure_analysis', analysis.report(), Date.now());
 * ```
 */
export class FailureAnalysis {
  readonly #periodMs: number;
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #locale: Locale;
  readonly #total: Count = { current: 0, previous: 0 };
  readonly #categories = new Map<FailureCategory, Count>();
  readonly #taskTypes = new Map<string, Count>();
  readonly #groups = new MessageGroups();
  readonly #slices = new Map<number, { count: number; categories: Map<FailureCategory, number> }>();
  readonly #hosts = new TopEntries<{ count: number; lastMs: number }>(MOST_HOSTS);

  constructor({ toMs, periodMs = DEFAULT_PERIOD_MS, locale = 'zh-CN' }: AnalysisOptions) {
    if (!(periodMs > 0)) throw new RangeError(`the period is ${periodMs} ms; it has to be longer than 0`);
    this.#periodMs = periodMs;
    this.#toMs = toMs;
    this.#fromMs = toMs - periodMs;
    this.#locale = locale;
  }

  /** Rows from here on are looked at: this period's, and those of the one before for the trend. */
  get previousFromMs(): number {
    return this.#fromMs - this.#periodMs;
  }

  /** Counts a failure. One outside of both periods is left out. */
  add(row: FailureRow): void {
    if (!(row.atMs >= this.previousFromMs && row.atMs < this.#toMs)) return;
    const current = row.atMs >= this.#fromMs;
    const key = current ? 'current' : 'previous';
    this.#total[key] += 1;
    countOf(this.#categories, row.category)[key] += 1;
    countOf(this.#taskTypes, row.taskType)[key] += 1;
    const host = this.#groups.add(row, current);
    if (!current) return;
    this.#addToSlice(row);
    this.#addHost(row.host ?? host, row.atMs);
  }

  #addToSlice({ atMs, category }: FailureRow): void {
    const number = Math.floor((atMs - this.#fromMs) / SLICE_MS);
    let slice = this.#slices.get(number);
    if (!slice) {
      slice = { count: 0, categories: new Map() };
      this.#slices.set(number, slice);
    }
    slice.count += 1;
    slice.categories.set(category, (slice.categories.get(category) ?? 0) + 1);
  }

  #addHost(name: string | undefined, atMs: number): void {
    if (!name) return;
    const host = this.#hosts.entry(name, () => ({ count: 0, lastMs: atMs }));
    host.count += 1;
    host.lastMs = Math.max(host.lastMs, atMs);
  }

  /** The report of what was added so far. */
  report(): AnalysisReport {
    const distribution = currentCounts(this.#categories, byCountThenCategory);
    const groups = this.#groups.list();
    const bursts = findBursts(this.#slices, Math.ceil(this.#periodMs / SLICE_MS), this.#fromMs);
    const hosts = this.#topHosts();
    const unknown = unknownErrors(groups, this.#categories.get('unknown')?.current ?? 0);
    const trend = trendOf(this.#total.current, this.#total.previous);
    return {
      success: true,
      analysis_period: periodText(this.#periodMs, this.#locale),
      total_failures: this.#total.current,
      category_distribution: Object.fromEntries(distribution),
      task_type_failures: Object.fromEntries(currentCounts(this.#taskTypes, byCountThenName)),
      insights: insightsOf(distribution, this.#locale),
      further_insights: furtherInsightsOf(
        {
          total: this.#total.current,
          trend,
          newGroups: groups.filter((group) => group.trend.direction === 'new').length,
          bursts,
          topHost: hosts[0],
          unknown: { failures: unknown.total, groups: unknown.all },
        },
        this.#locale,
      ),
      period: { from: new Date(this.#fromMs).toISOString(), to: new Date(this.#toMs).toISOString() },
      trend: { ...trend, by_category: this.#trendByCategory() },
      groups: groups.slice(0, LISTED_GROUPS),
      groups_omitted: {
        groups: Math.max(0, groups.length - LISTED_GROUPS),
        failures_forgotten: this.#groups.forgotten,
      },
      bursts: bursts.slice(0, LISTED_BURSTS),
      top_hosts: hosts,
      unknown_errors: { total: unknown.total, groups: unknown.groups },
    };
  }

  #topHosts(): AnalysisReport['top_hosts'] {
    return this.#hosts
      .sorted()
      .slice(0, LISTED_HOSTS)
      .map(([host, { count, lastMs }]) => ({ host, count, last_seen: new Date(lastMs).toISOString() }));
  }

  /** Of every category that one of the two periods has. */
  #trendByCategory(): Record<string, Trend> {
    const trends = [...this.#categories].map(
      ([category, { current, previous }]) => [category, trendOf(current, previous)] as const,
    );
    return Object.fromEntries(trends);
  }
}

/** The analysis of rows that are all at hand. */
export function analyseFailures(rows: Iterable<FailureRow>, options: AnalysisOptions): AnalysisReport {
  const analysis = new FailureAnalysis(options);
  for (const row of rows) analysis.add(row);
  return analysis.report();
}

function unknownErrors(groups: readonly FailureGroup[], total: number) {
  const all = groups.filter((group) => group.category === 'unknown');
  const known = groups.filter((group) => group.category !== 'unknown').slice(0, KNOWN_TO_COMPARE);
  const listed = all
    .slice(0, LISTED_UNKNOWN)
    .map((group) => ({ ...group, proposed_rule: proposeRule(group, known) ?? null }));
  return { total, all: all.length, groups: listed };
}

function countOf<K>(counts: Map<K, Count>, key: K): Count {
  let count = counts.get(key);
  if (!count) {
    count = { current: 0, previous: 0 };
    counts.set(key, count);
  }
  return count;
}

type Entry = readonly [name: string, count: number];

function currentCounts(counts: ReadonlyMap<string, Count>, order: (a: Entry, b: Entry) => number): Entry[] {
  return [...counts]
    .filter(([, { current }]) => current > 0)
    .map(([name, { current }]) => [name, current] as const)
    .sort(order);
}

/** Of equally frequent categories the one that the documents name first. */
function byCountThenCategory(a: Entry, b: Entry): number {
  return b[1] - a[1] || rankOf(a[0]) - rankOf(b[0]) || byCountThenName(a, b);
}

function rankOf(category: string): number {
  const rank = (FAILURE_CATEGORIES as readonly string[]).indexOf(category);
  return rank < 0 ? FAILURE_CATEGORIES.length : rank;
}

/** Code points decide, so that the order is the same on every host. */
function byCountThenName(a: Entry, b: Entry): number {
  return b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
}

function periodText(periodMs: number, locale: Locale): string {
  const texts = ANALYSIS_TEXTS[locale];
  return periodMs % DAY_MS === 0
    ? texts.days(periodMs / DAY_MS)
    : texts.hours(Math.round(periodMs / HOUR_MS));
}
