import { ERROR_CODES, type RekindleError } from '../domain/error-codes.ts';
import type { Classification } from '../domain/failure.ts';
import { CATEGORY_TEXTS } from './advice-texts.ts';
import { type Clue, heavier } from './clue.ts';
import { type CompiledRule, type CustomRule, compileRules } from './custom-rules.ts';
import { collectEvidence, type ErrorLayer, type Evidence } from './evidence.ts';
import { unwrapDetails } from './json-details.ts';
import { readStructure, statusClue } from './read-structure.ts';
import { retryAfterInText } from './retry-after.ts';
import { CATEGORY, retryTypeOf, WEIGHT } from './rules/meaning.ts';
import { behindParser, readText } from './text/read-text.ts';
import { windowOf } from './text/window.ts';

/** What a classification may take into account beside the error. */
export interface ClassifyOptions {
  /** For custom rules that are for some types of task only. */
  readonly taskType?: string | undefined;
  /** Ms since the epoch, for a Retry-After that is a date. @default Date.now() */
  readonly now?: number | undefined;
}

/** Says what errors mean. Pure: equal errors get equal answers. */
export interface Classifier {
  /** Classifies anything that was thrown. */
  classify(error: unknown, options?: ClassifyOptions): Classification;
  /** Classifies an error of which only the text is left. */
  classifyMessage(text: string, options?: ClassifyOptions): Classification;
}

/**
 * Makes a classifier with rules of one's own beside the built-in ones.
 * @throws {UnsafePatternError} on a pattern that could run away.
 * @throws {RangeError} on a rule that is incomplete.
 */
export function createClassifier(options: { readonly rules?: readonly CustomRule[] } = {}): Classifier {
  const rules = compileRules(options.rules ?? []);
  return {
    classify: (error, { taskType, now = Date.now() } = {}) => classifyThrown(error, rules, taskType, now),
    classifyMessage: (text, { taskType } = {}) => classifyText(text, rules, taskType),
  };
}

const builtIn = createClassifier();

/** Classifies anything that was thrown, by the built-in rules. */
export const classify = builtIn.classify;
/** Classifies an error of which only the text is left, by the built-in rules. */
export const classifyMessage = builtIn.classifyMessage;

function classifyThrown(
  thrown: unknown,
  rules: readonly CompiledRule[],
  taskType: string | undefined,
  now: number,
): Classification {
  const evidence = collectEvidence(thrown, now);
  const texts = evidence.layers.flatMap((layer) => layer.texts);
  const custom = byCustomRule(rules, taskType, texts.join('\n'), evidence);
  const retryAfterMs = evidence.retryAfterMs ?? retryAfterInText(texts.map(windowOf).join('\n'));
  if (custom) return withRetryAfter(custom, retryAfterMs);
  if (evidence.own) return withRetryAfter(ownCode(evidence.own), retryAfterMs);
  return withRetryAfter(conclude(readEvidence(evidence)), retryAfterMs);
}

function classifyText(
  text: string,
  rules: readonly CompiledRule[],
  taskType: string | undefined,
): Classification {
  const inner = unwrapDetails(text);
  const custom = byCustomRule(rules, taskType, text, undefined);
  return withRetryAfter(custom ?? conclude(readText(inner)), retryAfterInText(windowOf(inner)));
}

/** The innermost cause that says something clear decides; vague ones are outweighed by their wrappers. */
function readEvidence(evidence: Evidence): Clue | undefined {
  let best: Clue | undefined;
  for (const layer of evidence.layers) {
    best = heavier(best, readLayer(layer));
    if (best && best.meaning.weight > WEIGHT.vague) break;
  }
  const http = evidence.layers
    .map((layer) => layer.status && statusClue(layer.status))
    .find((clue) => typeof clue === 'object');
  return behindParser(best, http);
}

function readLayer(layer: ErrorLayer): Clue | undefined {
  let best = readStructure(layer);
  for (const text of layer.texts) best = heavier(best, readText(unwrapDetails(text)));
  return best;
}

function ownCode(error: RekindleError): Classification {
  const { category, retryType, meaning } = ERROR_CODES[error.code];
  return {
    category,
    retryType,
    rule: `own.${error.code}`,
    confidence: 1,
    explanation: `Rekindle's own code “${error.code}” stands for this category: ${meaning}`,
  };
}

function conclude(clue: Clue | undefined): Classification {
  if (!clue) {
    return {
      category: 'unknown',
      retryType: 'unknown_error',
      rule: 'unknown',
      confidence: 0,
      explanation: 'The error carries no code, status or word that a rule knows.',
    };
  }
  const { kind, advice, weight } = clue.meaning;
  const category = CATEGORY[kind];
  return {
    category,
    retryType: retryTypeOf(kind, advice),
    rule: clue.rule,
    confidence: Math.min(1, Math.max(0.1, weight / WEIGHT.code)),
    explanation: `The evidence “${clue.evidence}” speaks of ${CATEGORY_TEXTS[category]?.en ?? category} (rule ${clue.rule}).`,
  };
}

function byCustomRule(
  rules: readonly CompiledRule[],
  taskType: string | undefined,
  text: string,
  evidence: Evidence | undefined,
): Classification | undefined {
  for (const rule of rules) {
    if (rule.taskTypes && (taskType === undefined || !rule.taskTypes.has(taskType))) continue;
    const found = matchOf(rule, text, evidence);
    if (found === undefined) continue;
    const { category, retryType, id, suggestion } = rule;
    return {
      category,
      retryType,
      rule: id,
      confidence: 1,
      explanation: `The rule ${id} of the configuration applies to “${found}”.`,
      ...(Object.keys(suggestion).length > 0 ? { suggestion } : {}),
    };
  }
  return undefined;
}

function matchOf(rule: CompiledRule, text: string, evidence: Evidence | undefined): string | undefined {
  for (const layer of evidence?.layers ?? []) {
    const code = [...layer.codes, ...layer.names].find((one) => rule.codes.has(one));
    if (code !== undefined) return code;
  }
  for (const pattern of rule.patterns) {
    const found = pattern.find(text);
    if (found !== undefined) return found;
  }
  return undefined;
}

function withRetryAfter(classification: Classification, retryAfterMs: number | undefined): Classification {
  return retryAfterMs === undefined ? classification : { ...classification, retryAfterMs };
}
