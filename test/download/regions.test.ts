import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Region, RegionPool } from '../../src/download/regions.ts';

/** One step of a lane: what it does, and how much of its region it receives first (0–100 %). */
const step = fc.record({
  lane: fc.nat(5),
  percent: fc.nat(100),
  what: fc.constantFrom('receive', 'fail', 'steal', 'damage'),
});

/** Every byte counted: how often it was received, less how often it was declared bad. */
function receive(counts: Int8Array, region: Region, percent: number): void {
  const to = region.position + Math.floor(((region.end - region.position) * percent) / 100);
  for (; region.position < to; region.position++)
    counts[region.position] = (counts[region.position] ?? 0) + 1;
}

it('covers every byte exactly once, whatever the lanes do', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 16 }),
      fc.integer({ min: 1, max: 6 }),
      fc.array(step, { maxLength: 120 }),
      (size, blockBytes, lanes, steps) => {
        const counts = new Int8Array(size);
        const pool = new RegionPool([{ position: 0, end: size }], blockBytes);
        pool.divide(lanes);
        const taken = new Map<number, Region>();
        for (const { lane, percent, what } of steps) {
          const region = taken.get(lane) ?? pool.take(() => (what === 'steal' ? 1 : 8));
          if (region === null) continue;
          taken.set(lane, region);
          receive(counts, region, percent);
          if (what === 'damage' && counts[0] === 1) {
            counts[0] = 0;
            pool.add(0, 1);
          }
          if (what === 'fail' || region.position === region.end) {
            pool.release(region);
            taken.delete(lane);
          }
        }
        for (const region of taken.values()) pool.release(region);
        for (let region = pool.take(() => 1); region !== null; region = pool.take(() => 1)) {
          receive(counts, region, 100);
          pool.release(region);
        }
        expect(pool.empty).toBe(true);
        expect(counts.every((count) => count === 1)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

it('divides a fresh file equally, at multiples of the block size', () => {
  const pool = new RegionPool([{ position: 0, end: 100 }], 10);
  pool.divide(4);
  const regions = [1, 2, 3, 4].map(() => pool.take(() => 1000));
  expect(regions).toEqual([
    { position: 0, end: 30 },
    { position: 30, end: 50 },
    { position: 50, end: 80 },
    { position: 80, end: 100 },
  ]);
  expect(pool.take(() => 1000)).toBeNull();
});

it('steals the second half of the largest region, but no small one', () => {
  const pool = new RegionPool([{ position: 0, end: 100 }], 10);
  const first = pool.take(() => 20);
  expect(pool.take(() => 20)).toEqual({ position: 50, end: 100 });
  expect(first).toEqual({ position: 0, end: 50 });
  expect(pool.take(() => 40)).toBeNull();
});

it('joins neighbours, because each region costs a request', () => {
  const pool = new RegionPool([], 10);
  for (const start of [0, 10, 20]) pool.add(start, start + 10);
  expect(pool.take(() => 1)).toEqual({ position: 0, end: 30 });
});
