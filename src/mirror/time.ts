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
