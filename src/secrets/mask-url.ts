/** Stands where a secret was. */
export const MASK = '***';

/**
 * A URL as people may see it: without its credentials, and with the values of its query and of the parameters in its
 * path masked, since signed URLs carry their key there. Text that is no URL is cut before anything that could be a query.
 */
export function maskUrl(url: URL | string): string {
  const parsed = URL.parse(String(url));
  if (!parsed) return withoutAuthority(String(url).replace(/[?#].*$/s, ''));
  // Nothing of a secret has a place in it: left as it was written.
  if (typeof url === 'string' && !/[@?#;]/.test(url)) return url;
  const credentials = parsed.username || parsed.password ? `${MASK}@` : '';
  const path = parsed.pathname.replaceAll(/;([^=/;]+)=[^/;]*/g, `;$1=${MASK}`);
  return `${parsed.protocol}//${credentials}${parsed.host}${path}${maskedQuery(parsed.search)}`;
}

/** A value without a name may be the key itself. */
function maskedQuery(search: string): string {
  if (search.length <= 1) return '';
  const parts = search
    .slice(1)
    .split('&')
    .map((part) => (part.includes('=') ? `${part.slice(0, part.indexOf('='))}=${MASK}` : MASK));
  return `?${parts.join('&')}`;
}

/** What was cut off or is wrong may have credentials where a URL has them, with characters that no URL has there. */
function withoutAuthority(text: string): string {
  const [, start = '', rest = text] = /^([a-z][a-z0-9+.-]*:\/*)?(.*)$/is.exec(text) ?? [];
  const at = rest.lastIndexOf('@');
  if (at >= 0) return `${start}${MASK}@${rest.slice(at + 1)}`;
  const [, authority = '', path = ''] = /^([^/]*)(.*)$/s.exec(rest) ?? [];
  const credentials = start !== '' && /:(?!\d*$)/.test(authority);
  return `${start}${credentials ? MASK : authority}${path}`;
}
