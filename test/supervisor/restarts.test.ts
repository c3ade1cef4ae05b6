import { expect, test } from 'vitest';
import { Restarts } from '../../src/supervisor/restarts.ts';

const MINUTE = 60_000;

/** The waits before each of so many restarts of a process that ends right after it was started. */
function waitsOf(times: number): number[] {
  const restarts = new Restarts();
  restarts.started(0);
  return Array.from({ length: times }, () => restarts.ended(1));
}

test('a process that ends is started again at once, three times', () => {
  expect(waitsOf(3)).toEqual([0, 0, 0]);
});

test('one that keeps ending is started ever later, at most every half minute', () => {
  expect(waitsOf(11).slice(3)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('one that is killed every five seconds is always started again at once', () => {
  const restarts = new Restarts();
  const waits = Array.from({ length: 20 }, (_, i) => {
    restarts.started(i * 5000);
    return restarts.ended((i + 1) * 5000);
  });
  expect(waits).toEqual(Array(20).fill(0));
});

test('one that ran well for a minute is started at once again', () => {
  const restarts = new Restarts();
  restarts.started(0);
  for (let i = 0; i < 6; i++) restarts.ended(1);
  restarts.started(0);
  expect(restarts.ended(MINUTE)).toBe(0);
  expect(restarts.inARow).toBe(1);
});
