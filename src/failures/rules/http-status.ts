import { type Advice, type Kind, type Meaning, WEIGHT } from './meaning.ts';

const status = (kind: Kind, advice: Advice, weight: number = WEIGHT.status): Meaning => ({
  kind,
  advice,
  weight,
});

/** Statuses that say "not now" stand above most words; a used-up plan (429, 403) is told more precisely by words. */
const NOT_NOW = WEIGHT.precise - 4;

/**
 * HTTP status codes (RFC 9110 §15, RFC 6585, RFC 4918) and those of well-known proxies: nginx 444/499,
 * Cloudflare 520–530, Anthropic 529, Shopify 430.
 */
const STATUS: Readonly<Record<number, Meaning>> = {
  400: status('data', 'format', WEIGHT.guess),
  401: status('config', 'credentials'),
  402: status('business', 'funds', WEIGHT.precise),
  403: status('config', 'remote-rights', WEIGHT.vague + 5),
  404: status('business', 'not-found', WEIGHT.vague + 10),
  405: status('config', 'settings', WEIGHT.vague),
  406: status('data', 'format', WEIGHT.faint),
  407: status('config', 'credentials'),
  408: status('temporary', 'busy', WEIGHT.vague),
  409: status('business', 'state', WEIGHT.faint),
  410: status('business', 'gone'),
  411: status('data', 'format'),
  412: status('business', 'state', WEIGHT.faint),
  413: status('data', 'format'),
  414: status('data', 'format'),
  415: status('data', 'format'),
  416: status('data', 'format', WEIGHT.faint),
  417: status('config', 'settings', WEIGHT.faint),
  421: status('config', 'settings', WEIGHT.faint),
  422: status('data', 'format', WEIGHT.vague - 5),
  423: status('temporary', 'lock', WEIGHT.vague),
  425: status('temporary', 'busy'),
  429: status('temporary', 'rate', NOT_NOW),
  430: status('temporary', 'rate'),
  431: status('data', 'format'),
  444: status('network', 'connection'),
  451: status('business', 'region'),
  495: status('config', 'certificate'),
  496: status('config', 'certificate'),
  499: status('network', 'connection', WEIGHT.vague),
  500: status('temporary', 'busy', WEIGHT.faint),
  501: status('config', 'settings', WEIGHT.vague),
  502: status('temporary', 'busy', NOT_NOW),
  503: status('temporary', 'busy', NOT_NOW),
  504: status('temporary', 'busy', NOT_NOW),
  505: status('config', 'settings', WEIGHT.vague),
  507: status('temporary', 'busy', WEIGHT.vague),
  508: status('temporary', 'busy', WEIGHT.vague),
  509: status('temporary', 'rate', WEIGHT.vague),
  511: status('config', 'credentials'),
  520: status('temporary', 'busy'),
  521: status('temporary', 'busy'),
  522: status('temporary', 'busy'),
  523: status('temporary', 'busy'),
  524: status('temporary', 'busy'),
  525: status('network', 'tls'),
  526: status('config', 'certificate'),
  527: status('temporary', 'busy'),
  529: status('temporary', 'busy', NOT_NOW),
  530: status('temporary', 'busy', WEIGHT.vague),
};

/** What an HTTP status means; undefined for one below 400 or out of range. An unlisted one means what its hundred means. */
export function httpMeaning(code: number): Meaning | undefined {
  if (!Number.isInteger(code) || code < 400 || code > 599) return undefined;
  return STATUS[code] ?? (code < 500 ? STATUS[400] : STATUS[500]);
}
