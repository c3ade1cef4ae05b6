import { plain } from '../download/page-text.ts';
import type { SeenPage } from './seen-page.ts';

/** What a page looks like: all that is given must be so. */
export interface Sign {
  /** HTTP status, one or several. */
  readonly status?: number | readonly number[] | undefined;
  /** Text that the page shows, without regard to case and spaces. */
  readonly text?: string | undefined;
  /** CSS selector of something that is there. */
  readonly selector?: string | undefined;
  /** A place in a JSON answer, e.g. `data.user.id`; with `equals` its value, else anything but null. */
  readonly json?: string | undefined;
  readonly equals?: string | number | boolean | null | undefined;
  /** Part of the address that redirects led to. */
  readonly url?: string | undefined;
  /** Name of a cookie that is set. */
  readonly cookie?: string | undefined;
}

/** Whether a page is as a sign says. */
export function shows(page: SeenPage, sign: Sign): boolean {
  return CHECKS.every((check) => check(page, sign));
}

/** The first of the signs that the page shows, as its position; -1: none. */
export function firstShown(page: SeenPage, signs: readonly Sign[]): number {
  return signs.findIndex((sign) => shows(page, sign));
}

type Check = (page: SeenPage, sign: Sign) => boolean;

const CHECKS: readonly Check[] = [
  (page, { status }) =>
    status === undefined || (typeof status === 'number' ? [status] : status).includes(page.status),
  (page, { text }) => text === undefined || page.text().includes(plain(text)),
  (page, { selector }) => selector === undefined || page.has(selector),
  (page, { json, equals }) => {
    if (json === undefined) return true;
    const value = page.json(json);
    return equals === undefined ? value !== undefined && value !== null : value === equals;
  },
  (page, { url }) => url === undefined || page.url.includes(url),
  (page, { cookie }) => cookie === undefined || page.cookie(cookie) !== undefined,
];
