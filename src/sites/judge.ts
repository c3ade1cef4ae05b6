/** What the answers of each step mean for the login; shared by all drivers. */
import { RekindleError } from '../domain/error-codes.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import type { SiteDescription } from './description.ts';
import { findForm } from './forms.ts';
import type { SeenPage } from './seen-page.ts';
import { firstShown } from './signs.ts';
import { refuseCaptcha, refuseFailures, statusError, unclear } from './verdict.ts';

/** Whether the page asks for a code. */
export function asksForCode(page: SeenPage, { challenge }: SiteDescription): boolean {
  return challenge !== undefined && firstShown(page, challenge.when) >= 0;
}

/**
 * The answer to user and password.
 * @throws {RekindleError} LOGIN_REFUSED, LOGIN_BLOCKED, LOGIN_UNCLEAR; {HttpStatusError} when the site is down.
 */
export function judgeAnswer(page: SeenPage, site: SiteDescription): 'challenge' | 'verify' {
  refuseFailures(page, site);
  if (asksForCode(page, site)) return 'challenge';
  if (showsLoginForm(page, site)) {
    refuseCaptcha(page);
    throw unclear(page, 'shows the login form again');
  }
  if (page.status >= 400) {
    refuseCaptcha(page);
    throw unclear(page, `answered ${page.status}`);
  }
  return 'verify';
}

/**
 * The answer to a code.
 * @throws {RekindleError} CODE_REFUSED when another code may be tried; else as {@link judgeAnswer}.
 */
export function judgeCode(page: SeenPage, site: SiteDescription): void {
  const { challenge } = site;
  if (challenge && firstShown(page, challenge.refused) >= 0) throw codeRefused(page);
  refuseFailures(page, site);
  if (asksForCode(page, site)) throw codeRefused(page);
  if (page.status >= 400) throw unclear(page, `answered ${page.status} to the code`);
}

/** The answer to what only those who are logged in can see. @throws as {@link judgeAnswer}, or HttpStatusError. */
export function judgeVerified(page: SeenPage, site: SiteDescription): void {
  if (firstShown(page, site.verify.success) >= 0) return;
  refuseFailures(page, site);
  refuseCaptcha(page);
  if (page.status === 404 || page.status === 410) throw statusError(page);
  throw unclear(page, 'does not show the signs of success');
}

function showsLoginForm(page: SeenPage, { kind, submit }: SiteDescription): boolean {
  if (kind === 'json') return false;
  return page.has('input[type="password"]') && findForm(page, undefined, [submit.password]) !== undefined;
}

function codeRefused(page: SeenPage): RekindleError {
  return new RekindleError('CODE_REFUSED', `${maskUrl(page.url)} did not take the one-time code`, {
    hint: 'Check the clock of this machine and the secret of the codes.',
  });
}
