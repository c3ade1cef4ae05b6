import type { FailureCategory } from '../domain/category.ts';
import { compilePattern, type SafePattern, UnsafePatternError } from '../failures/pattern.ts';
import { PLACEHOLDERS } from './chunk.ts';

/** A group of failures whose category is known. */
export interface KnownGroup {
  readonly template: string;
  readonly sample: string;
  readonly category: FailureCategory;
  readonly count: number;
}

/** A rule that would recognise a group of unknown errors; `id`, `category` and `patterns` fit the configuration. */
export interface ProposedRule {
  readonly id: string;
  /** That of the most similar known group; null: a person has to choose. */
  readonly category: FailureCategory | null;
  readonly patterns: readonly string[];
  /** The known group the category is taken from. */
  readonly similar_to: string | null;
  /** Share of words that are in both, 0–1. */
  readonly similarity: number;
  /** Failures of known groups in this period that the pattern matches too: they would change. */
  readonly also_matches: number;
}

/** Less in common is no reason to propose a category. */
const LEAST_SIMILARITY = 0.5;
/** Well below the limits of a pattern (src/failures/pattern.ts). */
const MOST_PIECES = 6;
const LONGEST_PATTERN = 200;
/** `Error` or `null` alone would match half of everything. */
const LONG_ENOUGH = /(?:[A-Za-z][^A-Za-z]*){8}|(?:[\u3400-\u9fff][^\u3400-\u9fff]*){4}/;
const VALUES = new RegExp(PLACEHOLDERS.join('|'));
const MEANINGFUL = /[A-Za-z]{3}|[\u3400-\u9fff]{2}/;

/**
 * Proposes a rule for a group of unknown errors: the fixed words of its template in their order, and the category of
 * the known group that has most words in common with it.
 * @returns undefined when no pattern of it matches its own sample: the message has too few words of its own.
 */
export function proposeRule(
  group: { readonly template: string; readonly sample: string; readonly fingerprint: string },
  known: readonly KnownGroup[],
): ProposedRule | undefined {
  const pattern = patternOf(group.template, group.sample);
  if (!pattern) return undefined;
  const { like, similarity } = mostSimilar(group.template, known);
  return {
    id: `learned-${group.fingerprint.slice(0, 8)}`,
    category: like?.category ?? null,
    patterns: [pattern.source],
    similar_to: like?.template ?? null,
    similarity: Math.round(100 * similarity) / 100,
    also_matches: known.reduce(
      (sum, one) => sum + (pattern.find(one.sample) === undefined ? 0 : one.count),
      0,
    ),
  };
}

/** By the pieces between the values, or word by word when the sample has other blanks than the template. */
function patternOf(template: string, sample: string): SafePattern | undefined {
  const pieces = template.split(VALUES);
  return (
    fitting(pieces, sample) ??
    fitting(
      pieces.flatMap((piece) => piece.split(/\s+/)),
      sample,
    )
  );
}

function fitting(pieces: readonly string[], sample: string): SafePattern | undefined {
  const chosen: string[] = [];
  let length = 0;
  for (const piece of pieces.map((one) => one.trim()).filter((one) => MEANINGFUL.test(one))) {
    const words = piece.slice(0, LONGEST_PATTERN);
    if (chosen.length === MOST_PIECES || length + words.length > LONGEST_PATTERN) break;
    chosen.push(words);
    length += words.length;
  }
  if (!LONG_ENOUGH.test(chosen.join(''))) return undefined;
  const pattern = compiled(chosen.map(escaped).join('.*'));
  return pattern?.find(sample) === undefined ? undefined : pattern;
}

function compiled(source: string): SafePattern | undefined {
  try {
    return compilePattern(source);
  } catch (error) {
    if (error instanceof UnsafePatternError) return undefined;
    throw error;
  }
}

function escaped(words: string): string {
  return words.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function mostSimilar(
  template: string,
  known: readonly KnownGroup[],
): { like: KnownGroup | undefined; similarity: number } {
  const words = wordsOf(template);
  let like: KnownGroup | undefined;
  let similarity = 0;
  for (const one of known) {
    const score = overlap(words, wordsOf(one.template));
    if (score > similarity) {
      like = one;
      similarity = score;
    }
  }
  return similarity >= LEAST_SIMILARITY ? { like, similarity } : { like: undefined, similarity };
}

/** Words of Latin letters, and pairs of neighbouring Chinese characters, which have no blanks between words. */
function wordsOf(template: string): Set<string> {
  const text = template.replaceAll(new RegExp(VALUES, 'g'), ' ').toLowerCase();
  const words = new Set(text.match(/[a-z]{3,}/g) ?? []);
  for (const run of text.match(/[\u3400-\u9fff]{2,}/g) ?? []) {
    for (let i = 0; i + 2 <= run.length; i++) words.add(run.slice(i, i + 2));
  }
  return words;
}

/** Jaccard index. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0;
  for (const word of a) if (b.has(word)) both += 1;
  return both === 0 ? 0 : both / (a.size + b.size - both);
}
