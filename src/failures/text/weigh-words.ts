import type { Clue } from '../clue.ts';
import type { Kind } from '../rules/meaning.ts';
import { MOST_IDEAS } from './ideas.ts';
import { ideaName, type Word } from './lexicon.ts';
import { type FeatureSink, type ReadLayer, visitFeatures } from './word-features.ts';
import { CHINESE_ROWS, COLUMNS, PAIR_ROWS, ROW_NAMES, ROW_WEIGHTS, ROWS } from './word-table.ts';
import { WORD_BIAS, WORD_SCALE } from './word-weights.ts';

/** What the words of a text speak of, all together. */
export interface Verdict {
  readonly kind: Kind | 'unknown';
  /** Weight among other evidence (see meaning.ts). */
  readonly weight: number;
  /** The words that decided, the heaviest first. To be asked before the next text is weighed. */
  readonly evidence: () => string;
}

/** A rule over words counts from this weight on; what is lighter says no more than its words do. */
const RULE_FROM = 40;
/** How much a rule's weight counts against the words. */
const RULE_PER_WEIGHT = 0.02;
/** What a code, status or class of some weight counts beside that: it was not put together from words. */
const STRUCTURE = 2;
/** Words that leave the categories about equal decide nothing. */
const LEAST_SHARE = 0.35;
/** So do one or two words. */
const LEAST_ROWS = 3;
const MOST_NAMED = 4;

const WIDTH = COLUMNS.length;

/** Rows by the numbers of ideas: -1 where there is none. */
const IDEA_ROWS = new Int16Array(MOST_IDEAS).fill(-1);
const IDEA_PAIR_ROWS = new Int16Array(MOST_IDEAS * MOST_IDEAS).fill(-1);
for (let a = 0; a < MOST_IDEAS; a++) {
  IDEA_ROWS[a] = ROWS.get(ideaName(a)) ?? -1;
  const pairs = PAIR_ROWS.get(ideaName(a));
  for (let b = a + 1; pairs && b < MOST_IDEAS; b++)
    IDEA_PAIR_ROWS[a * MOST_IDEAS + b] = pairs.get(ideaName(b)) ?? -1;
}

/** Collects the rows of a text, each once. */
class RowCollector implements FeatureSink {
  readonly rows: number[] = [];
  private readonly seenIn = new Uint32Array(ROW_NAMES.length);
  private round = 0;

  read(layers: readonly ReadLayer[]): readonly number[] {
    this.rows.length = 0;
    this.round++;
    visitFeatures(layers, this);
    return this.rows;
  }

  private take(row: number): void {
    if (row < 0 || this.seenIn[row] === this.round) return;
    this.seenIn[row] = this.round;
    this.rows.push(row);
  }

  word({ text, row }: Word, before: Word | undefined): void {
    if (row !== undefined) this.take(row);
    if (before?.pairRows) this.take(before.pairRows.get(text) ?? -1);
  }

  chinese(first: number, second: number): void {
    this.take(CHINESE_ROWS.get(first) ?? -1);
    if (second !== 0) this.take(CHINESE_ROWS.get((first << 16) | second) ?? -1);
  }

  idea(idea: number): void {
    this.take(IDEA_ROWS[idea] as number);
  }

  ideas(a: number, b: number): void {
    this.take(IDEA_PAIR_ROWS[a * MOST_IDEAS + b] as number);
  }

  signal(name: string): void {
    this.take(ROWS.get(name) ?? -1);
  }
}

const COLLECTOR = new RowCollector();

/**
 * Adds up what every word, idea and pair of them counts for each category (word-weights.ts), and the rule that
 * applied best. Undefined: the words are unknown, or speak of several categories alike.
 */
export function weighWords(layers: readonly ReadLayer[], rule: Clue | undefined): Verdict | undefined {
  const rows = COLLECTOR.read(layers);
  if (rows.length < LEAST_ROWS) return undefined;
  const scores = scoresOf(rows);
  if (rule) {
    const column = COLUMNS.indexOf(rule.meaning.kind);
    scores[column] = (scores[column] ?? 0) + trustIn(rule);
  }
  const most = Math.max(...scores);
  const column = scores.indexOf(most);
  const share = 1 / scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
  if (share < LEAST_SHARE) return undefined;
  return {
    kind: COLUMNS[column] ?? 'unknown',
    weight: Math.round(20 + 45 * share),
    evidence: () => deciding(rows, column),
  };
}

function trustIn({ rule, meaning }: Clue): number {
  const above = meaning.weight - RULE_FROM;
  if (above <= 0) return 0;
  return RULE_PER_WEIGHT * above + (rule.startsWith('text.') ? 0 : STRUCTURE);
}

/** The score of every column. Long texts have more rows, so each counts less. The loop is written out for speed. */
function scoresOf(rows: readonly number[]): number[] {
  const w = ROW_WEIGHTS;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  for (let i = 0; i < rows.length; i++) {
    const at = (rows[i] as number) * WIDTH;
    a += w[at] as number;
    b += w[at + 1] as number;
    c += w[at + 2] as number;
    d += w[at + 3] as number;
    e += w[at + 4] as number;
    f += w[at + 5] as number;
    g += w[at + 6] as number;
  }
  const factor = 1 / (WORD_SCALE * Math.sqrt(rows.length));
  return [a, b, c, d, e, f, g].map((sum, i) => (WORD_BIAS[i] ?? 0) + sum * factor);
}

function deciding(rows: readonly number[], column: number): string {
  const weight = (row: number): number => ROW_WEIGHTS[row * WIDTH + column] as number;
  return rows
    .toSorted((a, b) => weight(b) - weight(a))
    .slice(0, MOST_NAMED)
    .filter((row) => weight(row) > 0)
    .map((row) => (ROW_NAMES[row] ?? '').replace('+', ' '))
    .join(', ');
}
