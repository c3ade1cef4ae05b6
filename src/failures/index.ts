/** Understanding of errors: what a failure means, whether and how it is retried, and what people can do about it. */
export type { Locale } from './advice-texts.ts';
export {
  BackTest,
  type BackTestResult,
  type CategoryChange,
  type PastFailure,
  type RuleTrial,
} from './back-test.ts';
export {
  type Classifier,
  type ClassifyOptions,
  classify,
  classifyMessage,
  createClassifier,
} from './classify.ts';
export type { CustomRule } from './custom-rules.ts';
export { UnsafePatternError } from './pattern.ts';
export { categoryName, explain, meaningOfRule, suggestion } from './people.ts';
export { parseRetryAfter } from './retry-after.ts';
export { customRules, type RuleFile, rulesSchema } from './rules-schema.ts';
export { shortMessage } from './short-message.ts';
