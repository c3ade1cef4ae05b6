import type { Classification } from '../domain/failure.ts';
import { type Locale, suggestion } from '../failures/index.ts';

/** Half sentences of advice that promise another try; whoever is notified is told because there is none. */
const PROMISES = /自动重试|等待后重试|tr(?:ied|ies) again/;

/** What people can do about a failure that is not recovered (any more). */
export function adviceOf(classification: Classification, locale: Locale): string {
  const whole = suggestion(classification, locale);
  const parts = whole.split(/(?<=[;；])\s*/).filter((part) => !PROMISES.test(part));
  if (parts.length === 0) return whole;
  const end = locale === 'en' ? '.' : '。';
  const text = parts.join(' ').replace(/[;；]$/, end);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
