import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAILURE_CATEGORIES } from '../../src/domain/category.ts';
import { ERROR_CODES, type ErrorCode } from '../../src/domain/error-codes.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/errors.md', import.meta.url)), 'utf8');
const rows = page.split('\n').filter((line) => /^\| `[A-Z_]+` \|/.test(line));
const rowOf = (code: ErrorCode): string => {
  const { meaning, category, retryType } = ERROR_CODES[code];
  return `| \`${code}\` | ${meaning} | \`${category}\` | ${retryType === null ? 'no' : `\`${retryType}\``} |`;
};

describe('docs/errors.md', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('says of %s what the table says', (code) => {
    expect(rows).toContain(rowOf(code));
  });

  it('has no code that the table does not have', () => {
    const codes = rows.map((row) => /`([A-Z_]+)`/.exec(row)?.[1]);
    expect(codes.toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
  });

  it.each(FAILURE_CATEGORIES)('explains the category %s', (category) => {
    expect(page).toMatch(new RegExp(`^\\| \`${category}\` \\| \\S`, 'm'));
  });
});
