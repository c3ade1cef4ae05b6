import { describe, expect, test } from 'vitest';
import { countOf, sinceOf } from '../../src/cli/since.ts';

const NOW = Date.UTC(2026, 0, 31);

describe('a point in time', () => {
  test.each([
    ['90m', NOW - 90 * 60_000],
    ['1.5h', NOW - 90 * 60_000],
    ['30d', Date.UTC(2026, 0, 1)],
    ['2026-01-02', Date.UTC(2026, 0, 2)],
    ['2026-01-02T03:04:05Z', Date.UTC(2026, 0, 2, 3, 4, 5)],
  ])('%s', (text, ms) => {
    expect(sinceOf(text, NOW)).toBe(ms);
  });

  test.each(['', 'yesterday', '10', '-3d', '5 weeks', '2026-99-99'])('"%s" is none', (text) => {
    expect(() => sinceOf(text, NOW)).toThrow(/no time/);
  });
});

test.each(['0', '-1', '1.5', 'many', ''])('"%s" is no count', (text) => {
  expect(() => countOf('--limit', text)).toThrow(/--limit/);
});
