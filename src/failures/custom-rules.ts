import { FAILURE_CATEGORIES, type FailureCategory, RETRY_TYPE_OF_CATEGORY } from '../domain/category.ts';
import { RETRY_ERROR_TYPES, type RetryErrorType } from '../domain/retry-policy.ts';
import { compilePattern, type SafePattern } from './pattern.ts';

/** A rule that a user's configuration or code adds. It is tried before every built-in one. */
export interface CustomRule {
  /** Shown as `custom.<id>`. @default the category's name and the rule's position */
  readonly id?: string;
  /** A built-in category or one of the user's own. */
  readonly category: FailureCategory;
  /** Regular expressions, case-insensitive; one of them has to match in a line of the message. */
  readonly patterns?: readonly string[];
  /** Error codes or class names, compared exactly. */
  readonly codes?: readonly string[];
  /** Only for tasks of these types. @default all */
  readonly taskTypes?: readonly string[];
  /** How a step that fails so is retried. @default as its category; not at all for a category of the user's own */
  readonly retryType?: RetryErrorType | null;
  /** What people should do, by locale. */
  readonly suggestion?: Readonly<Record<string, string>>;
}

/** A rule after its patterns were checked. */
export interface CompiledRule {
  readonly id: string;
  readonly category: FailureCategory;
  readonly retryType: RetryErrorType | null;
  readonly patterns: readonly SafePattern[];
  readonly codes: ReadonlySet<string>;
  readonly taskTypes: ReadonlySet<string> | undefined;
  readonly suggestion: Readonly<Record<string, string>>;
}

/**
 * Checks and compiles custom rules.
 * @throws {UnsafePatternError} on a pattern that could run away.
 * @throws {RangeError} on a rule without pattern and code, or with a retry type that does not exist.
 */
export function compileRules(rules: readonly CustomRule[]): readonly CompiledRule[] {
  return rules.map((rule, i) => {
    const id = `custom.${rule.id ?? `${rule.category}-${i + 1}`}`;
    if (!rule.patterns?.length && !rule.codes?.length)
      throw new RangeError(`the rule ${id} has neither patterns nor codes`);
    if (rule.retryType && !RETRY_ERROR_TYPES.includes(rule.retryType)) {
      throw new RangeError(
        `the rule ${id} has the retry type ${rule.retryType}; it can be ${RETRY_ERROR_TYPES.join(', ')}`,
      );
    }
    return {
      id,
      category: rule.category,
      retryType: rule.retryType === undefined ? defaultRetryType(rule.category) : rule.retryType,
      patterns: (rule.patterns ?? []).map(compilePattern),
      codes: new Set(rule.codes),
      taskTypes: rule.taskTypes && new Set(rule.taskTypes),
      suggestion: rule.suggestion ?? {},
    };
  });
}

function defaultRetryType(category: FailureCategory): RetryErrorType | null {
  const builtIn = FAILURE_CATEGORIES.find((one) => one === category);
  return builtIn ? RETRY_TYPE_OF_CATEGORY[builtIn] : null;
}
