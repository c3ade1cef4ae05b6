import type { FailureCategory } from '../domain/category.ts';
import { classifyMessage } from './classify.ts';
import { type CompiledRule, type CustomRule, compileRules } from './custom-rules.ts';

/** A failure of the past, as it was kept. */
export interface PastFailure {
  readonly taskType: string;
  readonly category: FailureCategory;
  /** The rule that decided then. */
  readonly rule: string;
  /** The kept message: shortened, secrets masked. */
  readonly message: string;
  /** Empty: it was never grouped. */
  readonly fingerprint: string;
}

/** Past failures of one group that would change in the same way. */
export interface CategoryChange {
  readonly fingerprint: string;
  readonly from: FailureCategory;
  readonly to: FailureCategory;
  /** The rule that would decide. */
  readonly rule: string;
  readonly count: number;
  readonly sample: string;
}

/** What a rule would have done. */
export interface RuleTrial {
  readonly rule: string;
  readonly category: FailureCategory;
  /** Failures that it matches. */
  readonly matched: number;
  /** Failures that it decides: no earlier rule matches them. */
  readonly decided: number;
  /** The earlier rules that take failures from it; of a rule that decides nothing, what it is shadowed by. */
  readonly shadowed_by: readonly string[];
}

/** The result of a back-test; JSON. */
export interface BackTestResult {
  readonly failures: number;
  /** Failures that would change their category. */
  readonly changed: number;
  /** The most frequent first. */
  readonly changes: readonly CategoryChange[];
  /** In the order they are tried. */
  readonly rules: readonly RuleTrial[];
}

/** Shown for a failure whose own rule is none of the tested ones any more. */
const BUILT_IN = 'built-in';

/**
 * Tries rules on past failures, fed one by one. Only what was kept is known: a code that the error had shows when its rule
 * decided, a cause that did not get into the message does not.
 * @throws {UnsafePatternError | RangeError} on a rule that is refused.
 */
export class BackTest {
  readonly #rules: readonly CompiledRule[];
  readonly #trials: { matched: number; decided: number; readonly shadowedBy: Set<string> }[];
  readonly #changes = new Map<string, { -readonly [K in keyof CategoryChange]: CategoryChange[K] }>();
  #failures = 0;
  #changed = 0;

  constructor(rules: readonly CustomRule[]) {
    this.#rules = compileRules(rules);
    this.#trials = this.#rules.map(() => ({ matched: 0, decided: 0, shadowedBy: new Set() }));
  }

  add(failure: PastFailure): void {
    this.#failures += 1;
    const decided = this.#firstOf(failure);
    const to = decided?.category ?? withoutOwnRule(failure);
    if (to === failure.category) return;
    this.#changed += 1;
    const rule = decided?.id ?? BUILT_IN;
    const key = `${failure.fingerprint || failure.message}\n${failure.category}\n${to}\n${rule}`;
    const change = this.#changes.get(key);
    if (change) change.count += 1;
    else {
      const { fingerprint, category: from, message: sample } = failure;
      this.#changes.set(key, { fingerprint, from, to, rule, count: 1, sample });
    }
  }

  result(): BackTestResult {
    return {
      failures: this.#failures,
      changed: this.#changed,
      changes: [...this.#changes.values()].sort((a, b) => b.count - a.count),
      rules: this.#rules.map(({ id, category }, i) => {
        const { matched = 0, decided = 0, shadowedBy } = this.#trials[i] ?? {};
        return { rule: id, category, matched, decided, shadowed_by: [...(shadowedBy ?? [])] };
      }),
    };
  }

  /** Every rule is asked, so that one that never gets its turn is noticed. */
  #firstOf(failure: PastFailure): CompiledRule | undefined {
    let first: CompiledRule | undefined;
    for (const [i, rule] of this.#rules.entries()) {
      const trial = this.#trials[i];
      if (!trial || !applies(rule, failure)) continue;
      trial.matched += 1;
      if (first) trial.shadowedBy.add(first.id);
      else {
        trial.decided += 1;
        first = rule;
      }
    }
    return first;
  }
}

function applies(rule: CompiledRule, { taskType, rule: decidedBy, message }: PastFailure): boolean {
  if (rule.taskTypes && !rule.taskTypes.has(taskType)) return false;
  // `code.ECONNRESET`, `class.TimeoutError`: the code or class name that the error had.
  if (rule.codes.has(decidedBy.slice(decidedBy.indexOf('.') + 1))) return true;
  return rule.patterns.some((pattern) => pattern.find(message) !== undefined);
}

/** A rule of the user's own that is not among the tested ones decides no more. */
function withoutOwnRule({ category, rule, message }: PastFailure): FailureCategory {
  return rule.startsWith('custom.') ? classifyMessage(message).category : category;
}
