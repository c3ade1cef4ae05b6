import { RekindleError } from '../domain/error-codes.ts';

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads a point in time as people give it to `--since`: `90m`, `12h`, `30d` before now, or a date.
 * @returns ms since the epoch.
 * @throws {RekindleError} INVALID_INPUT
 */
export function sinceOf(text: string, nowMs = Date.now()): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([mhd])$/.exec(text.trim()) ?? [];
  if (unit) return nowMs - Number(number) * UNITS_MS[unit as keyof typeof UNITS_MS];
  const atMs = /^\d{4}-\d\d-\d\d/.test(text.trim()) ? Date.parse(text.trim()) : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs;
  throw new RekindleError('INVALID_INPUT', `--since ${text} is no time`, {
    hint: 'Write it like --since 90m, --since 12h, --since 30d or --since 2026-01-31.',
  });
}

/** A whole number above 0 that an option was given. @throws {RekindleError} INVALID_INPUT */
export function countOf(flag: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= most) return value;
  const upTo = most === Number.MAX_SAFE_INTEGER ? '' : ` up to ${most}`;
  throw new RekindleError('INVALID_INPUT', `${flag} ${text} is no whole number above 0${upTo}`, {
    hint: `Write it like ${flag} 10.`,
  });
}
