import type { Meaning } from './rules/meaning.ts';

/** One piece of evidence with what it means. The heaviest clue of the innermost cause decides. */
export interface Clue {
  /** Id of the rule that found it. */
  readonly rule: string;
  readonly meaning: Meaning;
  /** The words, code or status that were seen. */
  readonly evidence: string;
}

/** The heavier of two clues; the first one when they weigh the same. */
export function heavier(a: Clue | undefined, b: Clue | undefined): Clue | undefined {
  if (!a || !b) return a ?? b;
  return b.meaning.weight > a.meaning.weight ? b : a;
}
