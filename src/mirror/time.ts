/**
 * The mirror's timestamps: text in UTC, `YYYY-MM-DD HH:MM:SS.SSS`. SQLite's date functions read it, it sorts
 * as time, and it compares rightly with the `YYYY-MM-DD HH:MM:SS` of CURRENT_TIMESTAMP.
 */

/** @param ms milliseconds since the epoch. */
export function sqlTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, 23);
}

/** ISO 8601 in UTC for a timestamp of the mirror. Text that is no timestamp (edited by hand) is returned as it is. */
export function isoOfSqlTime(text: string): string {
  const date = new Date(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}

/** Milliseconds since the epoch of a timestamp of the mirror; NaN for text that is none. */
export function msOfSqlTime(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

/** As {@link msOfSqlTime}, for a column that may be empty. */
export function msOrNull(text: string | null): number | null {
  return text === null ? null : msOfSqlTime(text);
}

/** As {@link isoOfSqlTime}, for a column that may be empty. */
export function isoOrNull(text: string | null): string | null {
  return text === null ? null : isoOfSqlTime(text);
}
