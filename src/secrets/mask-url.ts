/** Stands where a secret was. */
const MASK = '***';

/**
 * A URL as people may see it: without its credentials, and with the values of its query masked, since signed
 * URLs carry their key there. Text that is no URL is cut before anything that could be a query.
 */
export function maskUrl(url: URL | string): string {
  const parsed = URL.parse(String(url));
  if (!parsed) return String(url).replace(/[?#].*$/s, '');
  const credentials = parsed.username || parsed.password ? `${MASK}@` : '';
  const query = [...parsed.searchParams.keys()].map((key) => `${encodeURIComponent(key)}=${MASK}`).join('&');
  return `${parsed.protocol}//${credentials}${parsed.host}${parsed.pathname}${query ? `?${query}` : ''}`;
}
