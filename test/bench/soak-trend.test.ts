/** The soak's rule for what grows. */
import { describe, expect, test } from 'vitest';
import { lineThrough, type Point, trendOf } from '../../bench/soak/trend.ts';
import { Random } from '../../src/cli/drill/random.ts';

/** A day, looked at so often. */
function day(valueAt: (hour: number) => number, looks = 240): Point[] {
  return Array.from({ length: looks }, (_, i) => {
    const hour = (24 * (i + 1)) / looks;
    return { hour, value: valueAt(hour) };
  });
}

function noise(size: number): () => number {
  const random = new Random(7);
  return () => random.between(-size, size);
}

describe('a line through points', () => {
  test('that lie on one has its slope and no error', () => {
    const { slope, error } = lineThrough(day((hour) => 100 + 3 * hour));
    expect(slope).toBeCloseTo(3);
    expect(error).toBeCloseTo(0);
  });

  test('has the standard error of the text books', () => {
    const points = [1, 3, 2, 5].map((value, hour) => ({ hour, value }));
    const { slope, error } = lineThrough(points);
    expect(slope).toBeCloseTo(1.1);
    expect(error).toBeCloseTo(0.5196, 4);
  });

  test('is sure of nothing with fewer than three points, or all at once', () => {
    expect(lineThrough(day((hour) => hour, 2)).error).toBe(Number.POSITIVE_INFINITY);
    expect(lineThrough([1, 2, 3].map((value) => ({ hour: 1, value }))).slope).toBe(0);
  });
});

describe('a quantity', () => {
  test('grows when it gains more than a twentieth in a day', () => {
    const wobble = noise(2);
    expect(
      trendOf(
        day((hour) => 100 + 0.25 * hour + wobble()),
        0,
      )?.grows,
    ).toBe(true);
    expect(
      trendOf(
        day((hour) => 100 + 0.15 * hour + wobble()),
        0,
      )?.grows,
    ).toBe(false);
    expect(
      trendOf(
        day((hour) => 100 - hour),
        0,
      )?.grows,
    ).toBe(false);
  });

  test('does not grow by what it gains while it warms up', () => {
    const trend = trendOf(
      day((hour) => Math.min(100, 25 * hour)),
      0,
    );
    expect(trend).toMatchObject({ start: 100, end: 100, max: 100, slope: 0, grows: false });
  });

  test('does not grow by less than counts for it', () => {
    const handles = day((hour) => (hour < 20 ? 10 : 11));
    expect([trendOf(handles, 0)?.grows, trendOf(handles, 2)?.grows]).toEqual([true, false]);
  });

  test('does not grow by chance: the slope has to be two errors above zero', () => {
    const wobble = noise(50);
    const trend = trendOf(
      day((hour) => 100 + 0.3 * hour + wobble(), 12),
      0,
    );
    expect(trend?.grows).toBe(false);
  });

  test('of which hardly anything was seen says nothing', () => {
    expect(
      trendOf(
        day((hour) => hour, 2),
        0,
      ),
    ).toBeUndefined();
  });
});
