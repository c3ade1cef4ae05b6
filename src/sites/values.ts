/** Tokens: where answers have them, how requests carry them, when they end. */
import { RekindleError } from '../domain/error-codes.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import type { SiteDescription, ValueSource } from './description.ts';
import type { LoginState } from './driver.ts';
import type { SeenPage } from './seen-page.ts';

/** A value of a page; undefined: it has none there. */
export function valueAt(page: SeenPage, source: ValueSource): string | undefined {
  switch (source.from) {
    case 'json': {
      const value = page.json(source.path);
      return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
    }
    case 'html': {
      const found = page.html(source.selector).first();
      if (found.length === 0) return undefined;
      const { attribute } = source;
      return attribute
        ? found.attr(attribute)
        : (found.attr('value') ?? found.attr('content') ?? found.text().trim());
    }
    case 'header':
      return page.headers[source.name.toLowerCase()];
    case 'cookie':
      return page.cookie(source.name);
    case 'storage':
      return page.stored(source.name);
  }
}

/** As messages name it. */
export function sourceText(source: ValueSource): string {
  if (source.from === 'json') return `JSON ${source.path}`;
  return source.from === 'html' ? source.selector : `the ${source.from} ${source.name}`;
}

/**
 * Takes the tokens that an answer has.
 * @throws {RekindleError} SITE_CHANGED when one is missing that this answer must have.
 */
export function withTokens(
  state: LoginState,
  page: SeenPage,
  { tokens, session: { lifetime } }: SiteDescription,
  on: 'submit' | 'verify',
): LoginState {
  const headers = { ...state.headers };
  const query = { ...state.query };
  let expiresAtMs = state.expiresAtMs;
  const endsAt = (ms: number | null) => {
    if (ms !== null) expiresAtMs = Math.min(ms, expiresAtMs ?? ms);
  };
  for (const { source, send } of tokens.filter((token) => token.on === on)) {
    const value = valueAt(page, source);
    if (value === undefined) throw missing(page, source);
    if ('header' in send) headers[send.header.toLowerCase()] = `${send.prefix}${value}`;
    else query[send.query] = value;
    if (lifetime && 'token' in lifetime) endsAt(endOfJwt(value));
  }
  if (lifetime && 'json' in lifetime) endsAt(timeOf(page.json(lifetime.json)));
  return { ...state, headers, query, expiresAtMs };
}

function missing(page: SeenPage, source: ValueSource): RekindleError {
  return new RekindleError(
    'SITE_CHANGED',
    `the answer of ${maskUrl(page.url)} has no ${sourceText(source)}`,
    {
      hint: 'Look at what the site answers now, and correct `tokens` in its description.',
    },
  );
}

/** `exp` of a JWT (RFC 7519), in ms. Nothing is verified: the site will, and it is the site's own word. */
function endOfJwt(token: string): number | null {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof exp === 'number' ? exp * 1000 : null;
  } catch {
    return null;
  }
}

/** Numbers from here on are points in time, not spans: nobody is logged in for 30 years. */
const POINTS_FROM_S = 1e9;

/** Seconds from now, a Unix time in seconds or ms, or ISO 8601. */
function timeOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) {
    if (number < POINTS_FROM_S) return Date.now() + number * 1000;
    return number < POINTS_FROM_S * 1000 ? number * 1000 : number;
  }
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
