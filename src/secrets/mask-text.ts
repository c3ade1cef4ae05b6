import { maskUrl } from './mask-url.ts';

const URLS = /\bhttps?:\/\/[^\s"'<>“”]+/gi;

/** Text as people may see it: every web address in it without credentials and query values. */
export function maskText(text: string): string {
  return text.replaceAll(URLS, maskUrl);
}
