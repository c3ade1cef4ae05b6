import type { FailureInfo } from '../../domain/failure.ts';
import { codeOfRule, meaningOfCode } from '../../failures/code-texts.ts';
import { categoryName, type Locale } from '../../failures/index.ts';
import { adviceOf } from '../../notify/advice.ts';
import type { Texts } from '../texts.ts';

/**
 * What the failure of a task means and what to do about it, for below its message. Message and hint of an error of ours
 * are English; to other readers its code says what they do.
 */
export function failureLines(info: FailureInfo, texts: Texts, locale: Locale): string[] {
  const { category, hint } = info;
  const name = categoryName(category, locale);
  const code = locale === 'en' ? undefined : codeOfRule(info.rule);
  return [
    ...(code ? [meaningOfCode(code, locale)] : []),
    texts.failureCategory(category, name === category ? null : name),
    ...(hint === null || locale !== 'en' ? [texts.failureAdvice(adviceOf(info, locale))] : []),
    ...(hint === null ? [] : [hint]),
  ].map(texts.hint);
}
