import { MASK, maskUrl } from './mask-url.ts';

export { MASK } from './mask-url.ts';

/** Lengths are bounded, so that no text makes a search slow. */
const URLS = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>“”‘’，。；、（）【】《》「」]+/gi;
const NAMES =
  'pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|signature|sig';
/** `Authorization: Basic dXNlcjpwdw==`, with and without the scheme. */
const AUTHORIZATION =
  /\b((?:proxy-)?authorization["']?\s{0,3}[:=]\s{0,3}["']?)(?:(?:basic|bearer|token|digest)\s+)?[^\s"',;]+/gi;
const BEARER = /\b(bearer\s{1,3})(?=[\w.~+/=-]{0,200}\d)[\w.~+/=-]{8,}/gi;
/** `access_token=…` */
const ASSIGNED = new RegExp(
  `\\b([\\w-]{0,30}(?:${NAMES})=)(?!\\*{3})[^\\s&"',;<>“”‘’，。；、（）【】《》「」]+`,
  'gi',
);
/** `"password":"…"`, also where the quotes are escaped. */
const IN_JSON = new RegExp(
  `(\\\\?"[\\w-]{0,30}(?:${NAMES}|authorization|cookie)\\\\?"\\s{0,3}:\\s{0,3}\\\\?")[^"\\\\]+`,
  'gi',
);
/** What none of them is without. */
const SUSPICIOUS = new RegExp(`://|bearer|authorization|cookie|${NAMES}`, 'i');

/**
 * Text as people may see it: every address in it without credentials and query values, and without what is plainly
 * named a token or password.
 */
export function maskText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text
    .replaceAll(URLS, maskUrl)
    .replaceAll(AUTHORIZATION, `$1${MASK}`)
    .replaceAll(BEARER, `$1${MASK}`)
    .replaceAll(IN_JSON, `$1${MASK}`)
    .replaceAll(ASSIGNED, `$1${MASK}`);
}
