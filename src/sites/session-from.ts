import type { ExpiredSign } from '../domain/session.ts';
import type { SiteDescription } from './description.ts';
import type { LoginState, SiteSession } from './driver.ts';

/** Makes the session of a login that was verified. */
export function sessionFrom(state: LoginState, site: SiteDescription, obtainedAtMs: number): SiteSession {
  return {
    cookies: state.cookies,
    headers: state.headers,
    query: state.query,
    origins: site.origins,
    loginPages: site.page ? [site.page] : [],
    expired: site.session.expired.map(expiredSign),
    obtainedAtMs,
    expiresAtMs: endOf(state, site, obtainedAtMs),
  };
}

function expiredSign(sign: SiteDescription['session']['expired'][number]): ExpiredSign {
  const { url, text, content_type: contentType } = sign;
  return {
    ...(url === undefined ? {} : { url }),
    ...(text === undefined ? {} : { text }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

/** The earliest end that anybody names. */
function endOf(
  state: LoginState,
  { session: { lifetime } }: SiteDescription,
  obtainedAtMs: number,
): number | null {
  if (lifetime && 'seconds' in lifetime) return obtainedAtMs + lifetime.seconds * 1000;
  if (!(lifetime && 'cookie' in lifetime)) return state.expiresAtMs;
  const ends = state.cookies.filter(({ key }) => key === lifetime.cookie).map(endOfCookie);
  return ends.reduce((least, end) => (end === null ? least : Math.min(end, least ?? end)), state.expiresAtMs);
}

/** `Max-Age` wins over `Expires` (RFC 6265 §5.3); without both it ends with the browser, which there is none. */
function endOfCookie(cookie: LoginState['cookies'][number]): number | null {
  const { maxAge, creation, expires } = cookie;
  if (typeof maxAge === 'number' && typeof creation === 'string') return Date.parse(creation) + maxAge * 1000;
  const time = typeof expires === 'string' ? Date.parse(expires) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
