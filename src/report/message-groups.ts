import type { FailureCategory } from '../domain/category.ts';
import { nameOf } from './fingerprint.ts';
import { templateOf } from './template.ts';
import { TopEntries } from './top-entries.ts';
import { type Trend, trendOf } from './trend.ts';

/** Failures whose messages have one template, as a report lists them. Times are ISO 8601 in UTC. */
export interface FailureGroup {
  readonly fingerprint: string;
  readonly template: string;
  /** The latest message as it was. */
  readonly sample: string;
  /** Of the latest failure; a group changes its category when a rule was added. */
  readonly category: FailureCategory;
  readonly count: number;
  /** First and last time in both periods that were looked at. */
  readonly first_seen: string;
  readonly last_seen: string;
  readonly task_types: readonly string[];
  readonly trend: Trend;
}

interface Group {
  /** In both periods, so that what was frequent before is not forgotten. */
  count: number;
  current: number;
  readonly template: string;
  sample: string;
  category: FailureCategory;
  firstMs: number;
  lastMs: number;
  readonly taskTypes: Set<string>;
}

/** Templates that are kept; real systems have some hundreds. */
const MOST_GROUPS = 5000;
const MOST_TASK_TYPES = 20;
/** As long as a kept message (src/failures/short-message.ts). */
const LONGEST_SAMPLE = 500;

/** What a group needs of a failure. */
interface GroupedRow {
  readonly message: string;
  readonly category: FailureCategory;
  readonly taskType: string;
  readonly atMs: number;
  readonly fingerprint?: string | undefined;
}

/** Groups failures by the template of their message, in bounded memory. */
export class MessageGroups {
  readonly #groups = new TopEntries<Group>(MOST_GROUPS);
  readonly #names = new Map<string, string>();

  /**
   * @param current whether the failure is of this period, else of the one before.
   * @returns the host that the message names; undefined also when it was grouped before and need not be read.
   */
  add(row: GroupedRow, current: boolean): string | undefined {
    if (row.fingerprint) {
      this.#count(row.fingerprint, undefined, row, current);
      return undefined;
    }
    const { template, host } = templateOf(row.message);
    this.#count(this.#name(template), template, row, current);
    return host;
  }

  /** Naming costs more than counting, and the same templates come again and again. */
  #name(template: string): string {
    const known = this.#names.get(template);
    if (known) return known;
    if (this.#names.size >= 2 * MOST_GROUPS) this.#names.clear();
    const name = nameOf(template);
    this.#names.set(template, name);
    return name;
  }

  #count(fingerprint: string, template: string | undefined, row: GroupedRow, current: boolean): void {
    const group = this.#groups.entry(fingerprint, () => ({
      count: 0,
      current: 0,
      template: template ?? templateOf(row.message).template,
      sample: row.message,
      category: row.category,
      firstMs: row.atMs,
      lastMs: row.atMs,
      taskTypes: new Set(),
    }));
    group.count += 1;
    if (current) group.current += 1;
    if (row.atMs < group.firstMs) group.firstMs = row.atMs;
    if (row.atMs >= group.lastMs) {
      group.lastMs = row.atMs;
      group.category = row.category;
      group.sample = row.message;
    }
    if (group.taskTypes.size < MOST_TASK_TYPES) group.taskTypes.add(row.taskType);
  }

  /** Failures of rare groups that were forgotten for want of memory. */
  get forgotten(): number {
    return this.#groups.forgotten;
  }

  /** The groups that this period has, the most frequent first. */
  list(): FailureGroup[] {
    return this.#groups
      .sorted()
      .filter(([, group]) => group.current > 0)
      .sort(([, a], [, b]) => b.current - a.current)
      .map(([fingerprint, group]) => ({
        fingerprint,
        template: group.template,
        sample: group.sample.slice(0, LONGEST_SAMPLE),
        category: group.category,
        count: group.current,
        first_seen: new Date(group.firstMs).toISOString(),
        last_seen: new Date(group.lastMs).toISOString(),
        task_types: [...group.taskTypes],
        trend: trendOf(group.current, group.count - group.current),
      }));
  }
}
