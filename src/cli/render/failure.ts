import type { FailureInfo } from '../../domain/failure.ts';
import { categoryName, type Locale } from '../../failures/index.ts';
import { adviceOf } from '../../notify/advice.ts';
import type { Texts } from '../texts.ts';

/**
 * What the failure of a task means and what to do about it, for below its message. The advice of its category stands
 * there unless the error's own is in the reader's language, which is that of the code: English.
 */
export function failureLines(info: FailureInfo, texts: Texts, locale: Locale): string[] {
  const { category } = info;
  const name = categoryName(category, locale);
  return [
    texts.failureCategory(category, name === category ? null : name),
    ...(info.hint === null || locale !== 'en' ? [texts.failureAdvice(adviceOf(info, locale))] : []),
    ...(info.hint === null ? [] : [info.hint]),
  ].map(texts.hint);
}
