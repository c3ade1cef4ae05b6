import { isRekindleError } from '../../domain/error-codes.ts';
import { CODE_TEXTS, meaningOfCode } from '../../failures/code-texts.ts';
import type { Locale } from '../../failures/index.ts';
import { textsOf } from '../texts.ts';

/** What an error says in its own words, which are English unless the command line said it. */
interface Said {
  readonly message: string;
  readonly hint: string | undefined;
}

/**
 * An error as lines for people. In Chinese what its code means and what to do come first, and its own words after them
 * as the details.
 */
export function errorLines(error: unknown, { message, hint }: Said, locale: Locale): string[] {
  const texts = textsOf(locale);
  const own = hint === undefined ? [] : [texts.hint(hint)];
  const code = isRekindleError(error) ? error.code : undefined;
  if (locale === 'en' || code === undefined || !Object.hasOwn(CODE_TEXTS, code))
    return [texts.error(message), ...own];
  return [
    texts.error(meaningOfCode(code, locale)),
    ...message.split('\n').map(texts.hint),
    texts.hint(CODE_TEXTS[code].advice[locale]),
    ...own,
  ];
}
