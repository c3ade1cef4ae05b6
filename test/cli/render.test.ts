import { expect, test } from 'vitest';
import { bytes, duration, parseBytes } from '../../src/cli/render/amounts.ts';
import { progressLine } from '../../src/cli/render/progress-bar.ts';
import { table } from '../../src/cli/render/table.ts';
import { inSlots } from '../../src/tasks/in-slots.ts';

test('amounts are told in the unit that fits', () => {
  expect([bytes(0), bytes(12.42), bytes(1536), bytes(5 * 1024 ** 3)]).toEqual([
    '0 B',
    '12 B',
    '1.5 KiB',
    '5.0 GiB',
  ]);
  expect([850, 2400, 9960, 59_400, 187_000, 3_723_000].map(duration)).toEqual([
    '850 ms',
    '2.4 s',
    '10 s',
    '59 s',
    '3:07',
    '1:02:03',
  ]);
});

test('rates are read as curl and wget write them, and nothing else is', () => {
  expect(['800000', '500k', '1.5M', '2GiB', '10 '].map(parseBytes)).toEqual([
    800_000,
    512_000,
    1_572_864,
    2 * 1024 ** 3,
    10,
  ]);
  for (const text of ['', 'fast', '-1', '0', '1e3', '5x', 'k']) expect(parseBytes(text)).toBeUndefined();
});

test('a progress line has bar, share, amounts, speed and time left, and less when the length is not known', () => {
  const half = progressLine({ done: 512, total: 1024, rate: 256 });
  expect(half).toBe('████████████░░░░░░░░░░░░  50.0 %  512 B / 1.0 KiB  256 B/s  ETA 2.0 s');
  expect(progressLine({ done: 512, total: null, rate: 0 })).toBe('512 B  0 B/s');
});

test('columns stand under each other, Chinese ones too', () => {
  expect(
    table([
      ['任务', 'x'],
      ['abcd', 'y'],
    ]),
  ).toEqual(['任务  x', 'abcd  y']);
});

test('work is done in slots, in order, and the first failure ends it', async () => {
  let running = 0;
  let most = 0;
  const double = async (n: number): Promise<number> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return 2 * n;
  };
  expect(await inSlots([1, 2, 3, 4, 5], 2, double)).toEqual([2, 4, 6, 8, 10]);
  expect(most).toBe(2);
  const begun: number[] = [];
  const failing = inSlots([1, 2, 3, 4], 1, async (n) => {
    begun.push(n);
    if (n === 2) throw new Error('two');
  });
  await expect(failing).rejects.toThrow('two');
  expect(begun).toEqual([1, 2]);
});
