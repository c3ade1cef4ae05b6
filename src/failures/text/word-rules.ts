import { type Advice, type Kind, type Meaning, WEIGHT } from '../rules/meaning.ts';
import { ideaNumber, MASK_WORDS } from './lexicon.ts';

/** Ideas that must be there together, and ideas that must not. */
interface Combination {
  readonly all: Int32Array;
  readonly none: Int32Array;
  readonly hasNone: boolean;
}

/** A rule over ideas: it applies to a sentence that has all ideas of one of its combinations. */
export interface WordRule {
  readonly id: string;
  readonly meaning: Meaning;
  readonly when: readonly Combination[];
}

/**
 * Makes a rule.
 * @param name its id becomes `text.<kind>.<name>`.
 * @param when `A B !C | D E`: the ideas A and B without C, or D and E.
 */
export function wordRule(
  kind: Kind,
  name: string,
  advice: Advice,
  weight: keyof typeof WEIGHT | number,
  when: string,
): WordRule {
  return {
    id: `text.${kind}.${name}`,
    meaning: { kind, advice, weight: typeof weight === 'number' ? weight : WEIGHT[weight] },
    when: when.split('|').map(combination),
  };
}

function combination(text: string): Combination {
  const all = new Int32Array(MASK_WORDS);
  const none = new Int32Array(MASK_WORDS);
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const target = word.startsWith('!') ? none : all;
    const idea = ideaNumber(word.replace('!', ''));
    target[idea >> 5] = (target[idea >> 5] ?? 0) | (1 << (idea & 31));
  }
  return { all, none, hasNone: none.some((word) => word !== 0) };
}

/** Whether the ideas in `mask` satisfy one of the rule's combinations. */
export function applies(rule: WordRule, mask: Int32Array): boolean {
  for (const one of rule.when) {
    if (includes(mask, one.all) && !(one.hasNone && overlaps(mask, one.none))) return true;
  }
  return false;
}

function includes(mask: Int32Array, all: Int32Array): boolean {
  for (let i = 0; i < MASK_WORDS; i++) {
    const wanted = all[i] as number;
    if (((mask[i] as number) & wanted) !== wanted) return false;
  }
  return true;
}

function overlaps(mask: Int32Array, none: Int32Array): boolean {
  for (let i = 0; i < MASK_WORDS; i++) if (((mask[i] as number) & (none[i] as number)) !== 0) return true;
  return false;
}
