import type { FailureCategory } from '../domain/category.ts';
import type { Classification } from '../domain/failure.ts';
import { ADVICE_TEXTS, CATEGORY_TEXTS, type Locale } from './advice-texts.ts';
import { CODE_TEXTS, codeOfRule, meaningOfCode } from './code-texts.ts';
import { CATEGORY_WORDS } from './rules/category-words.ts';
import { CODES } from './rules/codes.ts';
import { DOCUMENTED_PATTERNS } from './rules/documented.ts';
import { classKey, EXCEPTION_CLASSES } from './rules/exception-classes.ts';
import { httpMeaning } from './rules/http-status.ts';
import type { Advice, Meaning } from './rules/meaning.ts';
import { sqlStateMeaning } from './rules/sqlstate.ts';
import { CURL, MONGODB, MYSQL, ORACLE, SQL_SERVER } from './rules/vendor-codes.ts';
import { WORD_RULES } from './rules/words.ts';

const WORD_MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ...WORD_RULES.map((rule) => [rule.id, rule.meaning] as const),
  ...DOCUMENTED_PATTERNS.map((pattern) => [pattern.id, pattern.meaning] as const),
]);

/** The advice to fall back on when a rule is of another version. */
const ADVICE_OF_CATEGORY: Readonly<Record<string, Advice>> = {
  recoverable_network: 'connection',
  recoverable_system: 'process',
  recoverable_temporary: 'busy',
  unrecoverable_data: 'format',
  unrecoverable_config: 'settings',
  unrecoverable_business: 'state',
};

/** What a rule id stands for; undefined for an id of no built-in rule. */
export function meaningOfRule(rule: string): Meaning | undefined {
  const dot = rule.indexOf('.');
  const rest = rule.slice(dot + 1);
  switch (rule.slice(0, dot)) {
    case 'code':
      return CODES.get(rest);
    case 'class':
      return EXCEPTION_CLASSES.get(classKey(rest));
    case 'http':
      return httpMeaning(Number(rest));
    case 'sqlstate':
      return sqlStateMeaning(rest);
    case 'mysql':
      return MYSQL.get(Number(rest));
    case 'oracle':
      return ORACLE.get(Number(rest));
    case 'sqlserver':
      return SQL_SERVER.get(Number(rest));
    case 'mongodb':
      return MONGODB.get(Number(rest));
    case 'curl':
      return CURL.get(Number(rest));
    case 'stated':
      return CATEGORY_WORDS.get(rest);
    default:
      return WORD_MEANINGS.get(rule);
  }
}

/** What a person can do about it, in one or two sentences; the words of the user's own rule when it has some. */
export function suggestion(classification: Classification, locale: Locale): string {
  const own = classification.suggestion;
  const words = own?.[locale] ?? Object.values(own ?? {})[0];
  if (words) return words;
  const code = codeOfRule(classification.rule);
  return (code ? CODE_TEXTS[code].advice : ADVICE_TEXTS[adviceOf(classification)])[locale];
}

function adviceOf({ rule, category }: Classification): Advice | 'unknown' | 'own' {
  // A code of another version.
  if (rule.startsWith('own.')) return 'own';
  return meaningOfRule(rule)?.advice ?? ADVICE_OF_CATEGORY[category] ?? 'unknown';
}

/** A category in people's words; one of the user's own stays as it is. */
export function categoryName(category: FailureCategory, locale: Locale): string {
  return CATEGORY_TEXTS[category]?.[locale] ?? category;
}

/** Why it was classified so, in one sentence: the category, the rule and the evidence. */
export function explain(classification: Classification, locale: Locale): string {
  if (locale === 'en') return classification.explanation;
  const { category, rule, explanation } = classification;
  const name = categoryName(category, locale);
  const code = codeOfRule(rule);
  if (code) return `判定为${name}：${meaningOfCode(code, locale)}（规则 ${rule}）。`;
  const evidence = /“(.*)”/s.exec(explanation)?.[1];
  if (evidence === undefined) return `判定为${name}：没有可用的线索（规则 ${rule}）。`;
  return `判定为${name}：依据“${evidence}”（规则 ${rule}）。`;
}
