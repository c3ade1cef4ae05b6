/** A parsed `Content-Range: bytes first-last/total` (RFC 9110 §14.4). */
export interface ContentRange {
  readonly start: number;
  /** Exclusive, unlike in the header. */
  readonly end: number;
  /** null: `*`, the server does not know. */
  readonly total: number | null;
}

/** null when the header is missing or is no satisfied range of bytes. */
export function parseContentRange(header: string | undefined): ContentRange | null {
  const match = /^bytes\s+(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(header?.trim() ?? '');
  if (match === null) return null;
  const start = Number(match[1]);
  const end = Number(match[2]) + 1;
  const total = match[3] === '*' ? null : Number(match[3]);
  return start < end && (total === null || end <= total) ? { start, end, total } : null;
}

/** The total in `bytes *\/total` of a 416, else null. */
export function unsatisfiedTotal(header: string | undefined): number | null {
  const total = /^bytes\s+\*\/(\d{1,15})$/i.exec(header?.trim() ?? '')?.[1];
  return total === undefined ? null : Number(total);
}
