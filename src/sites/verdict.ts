/** What a site's answers mean. */
import { RekindleError } from '../domain/error-codes.ts';
import { HttpStatusError } from '../download/http-status-error.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import type { SiteDescription } from './description.ts';
import type { SeenPage } from './seen-page.ts';
import { firstShown } from './signs.ts';

/** Widgets that want to see a person, and the pages of those who guard sites. */
const CAPTCHAS = [
  '.g-recaptcha:not([data-size="invisible"])',
  'iframe[src*="/recaptcha/"]:not([src*="size=invisible"])',
  '.h-captcha:not([data-size="invisible"])',
  '.cf-turnstile',
  '#challenge-form',
  '#cf-challenge-running',
  '.geetest_holder',
  '#nc_1_wrapper',
  'input[name*="captcha" i]:not([type="hidden"])',
  'img[src*="captcha" i]',
].join(', ');

/** Statuses of a server that has trouble, or wants to be left alone for a while. */
const TROUBLE = (status: number): boolean =>
  status >= 500 || status === 429 || status === 408 || status === 425;

/**
 * Looks for what the description says of failures, and for trouble of the server.
 * @throws {RekindleError} LOGIN_BLOCKED, LOGIN_REFUSED; {HttpStatusError} when the site is down.
 */
export function refuseFailures(page: SeenPage, { failure }: SiteDescription): void {
  const locked = firstShown(page, failure.locked);
  if (locked >= 0) throw blocked(page, `has locked the account (failure.locked.${locked})`, LOCKED);
  const wants = firstShown(page, failure.blocked);
  if (wants >= 0) throw blocked(page, `wants to see a person (failure.blocked.${wants})`, CAPTCHA);
  const refused = firstShown(page, failure.refused);
  if (refused >= 0) throw wrongPassword(page, `failure.refused.${refused}`);
  if (TROUBLE(page.status)) throw statusError(page);
}

const LOCKED = 'Unlock the account with the site, and see why the logins failed before trying again.';
const CAPTCHA = 'Log in with a browser by hand, from this machine; then start the login again.';

/** A page without what was looked for may be one that wants to see a person. @throws {RekindleError} LOGIN_BLOCKED */
export function refuseCaptcha(page: SeenPage): void {
  if (page.headers['cf-mitigated'] === 'challenge' || page.has(CAPTCHAS))
    throw blocked(page, 'shows a captcha', CAPTCHA);
}

function wrongPassword(page: SeenPage, sign: string): RekindleError {
  return new RekindleError(
    'LOGIN_REFUSED',
    `${maskUrl(page.url)} says that user or password are wrong (${sign})`,
    {
      hint: 'Correct what the references of user and password lead to, then start the login again; it is not tried again by itself, so that the account is not locked.',
    },
  );
}

export function unclear(page: SeenPage, why: string): RekindleError {
  return new RekindleError('LOGIN_UNCLEAR', `the login did not succeed: ${maskUrl(page.url)} ${why}`, {
    hint: 'Log in by hand to see what the site says, and add it to `failure` in the site’s description.',
    facts: { status: page.status },
  });
}

export function statusError(page: SeenPage): HttpStatusError {
  return new HttpStatusError(page.status, page.headers, page.url);
}

function blocked(page: SeenPage, what: string, hint: string): RekindleError {
  return new RekindleError('LOGIN_BLOCKED', `${maskUrl(page.url)} ${what}`, { hint });
}

/** For sites that want the code together with the password. */
export function codeMissing(site: string): RekindleError {
  return new RekindleError('SECRET_UNREADABLE', `the site ${site} wants a one-time code with the password`, {
    hint: 'Give the account a reference to its TOTP secret: totp: env:NAME or file:PATH.',
  });
}
