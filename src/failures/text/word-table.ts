import type { Kind } from '../rules/meaning.ts';
import { WORD_WEIGHTS } from './word-weights.ts';

/** The categories in the order of the table's columns. */
export const COLUMNS = [
  'network',
  'system',
  'temporary',
  'data',
  'config',
  'business',
  'unknown',
] as const satisfies (Kind | 'unknown')[];

/** Names of the rows of word-weights.ts. */
export const ROW_NAMES: string[] = [];
/** Rows by their whole name: words, ideas, codes. */
export const ROWS = new Map<string, number>();
/** Rows of one or two Chinese characters: by the code of the first, with the second's in the lower half. */
export const CHINESE_ROWS = new Map<number, number>();
/** Rows of pairs: by the first, then by the second of the two. */
export const PAIR_ROWS = new Map<string, Map<string, number>>();

const lines = WORD_WEIGHTS.trim().split('\n');
/** What each row counts for each category: as many numbers a row as there are {@link COLUMNS}. */
export const ROW_WEIGHTS = new Int16Array(lines.length * COLUMNS.length);

for (const [row, line] of lines.entries()) {
  const [name = '', ...weights] = line.split(' ');
  ROW_WEIGHTS.set(weights.map(Number), row * COLUMNS.length);
  ROW_NAMES.push(name);
  const plus = name.indexOf('+');
  if (name.charCodeAt(0) >= 0x4e00) {
    const first = name.charCodeAt(0);
    CHINESE_ROWS.set(name.length > 1 ? (first << 16) | name.charCodeAt(1) : first, row);
  } else if (plus < 0) ROWS.set(name, row);
  else {
    const first = name.slice(0, plus);
    const seconds = PAIR_ROWS.get(first) ?? new Map<string, number>();
    PAIR_ROWS.set(first, seconds.set(name.slice(plus + 1), row));
  }
}
