import { type Advice, type Kind, type Meaning, WEIGHT } from '../rules/meaning.ts';
import { Ideas } from './ideas.ts';
import { ideaNumber } from './lexicon.ts';

/** Ideas that must be there together, and ideas that must not. */
interface Combination {
  readonly all: Ideas;
  readonly none: Ideas;
  /** Numbers of the ideas in `all`. */
  readonly numbers: readonly number[];
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
  const all = new Ideas();
  const none = new Ideas();
  const numbers: number[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const idea = ideaNumber(word.replace('!', ''));
    if (word.startsWith('!')) none.add(idea);
    else {
      all.add(idea);
      numbers.push(idea);
    }
  }
  if (numbers.length === 0) throw new Error(`the combination ${text} needs no idea`);
  return { all, none, numbers };
}

interface Entry {
  readonly rule: WordRule;
  readonly weight: number;
  /** Place in the table: of two rules of the same weight the first decides. */
  readonly place: number;
  readonly all: Ideas;
  readonly none: Ideas;
}

/**
 * Finds the heaviest rule for a set of ideas. Each combination waits under the one of its ideas that the fewest other
 * combinations need, so that a message is compared with few of them.
 */
export class RuleIndex {
  private readonly entries: readonly (readonly Entry[])[];

  constructor(rules: readonly WordRule[]) {
    const needs = new Map<number, number>();
    for (const number of rules.flatMap((rule) => rule.when).flatMap((one) => one.numbers)) {
      needs.set(number, (needs.get(number) ?? 0) + 1);
    }
    const entries: Entry[][] = Array.from({ length: 128 }, () => []);
    for (const [place, rule] of rules.entries()) {
      for (const { all, none, numbers } of rule.when) {
        const rarest = numbers.reduce((a, b) => ((needs.get(b) ?? 0) < (needs.get(a) ?? 0) ? b : a));
        entries[rarest]?.push({ rule, weight: rule.meaning.weight, place, all, none });
      }
    }
    for (const list of entries) list.sort((a, b) => b.weight - a.weight || a.place - b.place);
    this.entries = entries;
  }

  /** @param kind only rules of this category. @default all */
  heaviest(ideas: Ideas, kind?: Kind): WordRule | undefined {
    let best: Entry | undefined;
    ideas.forEach((idea) => {
      for (const entry of this.entries[idea] as readonly Entry[]) {
        if (
          best &&
          (entry.weight < best.weight || (entry.weight === best.weight && entry.place > best.place))
        )
          return;
        if (kind !== undefined && entry.rule.meaning.kind !== kind) continue;
        if (ideas.hasAll(entry.all) && !ideas.hasAny(entry.none)) {
          best = entry;
          return;
        }
      }
    });
    return best?.rule;
  }
}
