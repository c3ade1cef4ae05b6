/** No server is waited for longer than a day; a larger figure is a mistake or an attack. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * Reads a `Retry-After` value (RFC 9110 §10.2.3): seconds, or an HTTP-date.
 * @param now ms since the epoch, for the date form.
 * @returns ms to wait, between 0 and a day; undefined when the value is neither form.
 */
export function parseRetryAfter(value: unknown, now: number): number | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  if (/^\d{1,9}$|^\d{1,9}\.\d{1,6}$/.test(text)) return bounded(Math.round(Number(text) * 1000));
  // An HTTP-date has a month's name; without this test Date.parse would accept almost any number.
  if (!/^[A-Za-z]{3}/.test(text) || text.length > 40) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : bounded(date - now);
}

function bounded(ms: number): number {
  return Math.min(LONGEST_MS, Math.max(0, ms));
}

/** Finds `Retry-After: 30` (or `retry_after":30`) inside a text. */
export function retryAfterInText(text: string): number | undefined {
  const found = /retry[-_ ]after["']?[ :=]{0,3}(\d{1,6})\b/i.exec(text);
  return found ? bounded(Number(found[1]) * 1000) : undefined;
}
