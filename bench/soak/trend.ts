/** Does something grow? A straight line through what was measured, and a rule. Pure. */
import { median } from '../support/measure.ts';

/** A measurement. */
export interface Point {
  /** Simulated hours since the beginning. */
  readonly hour: number;
  readonly value: number;
}

/** A straight line by least squares. */
export interface Line {
  /** For each hour. */
  readonly slope: number;
  /** Standard error of the slope; infinite with fewer than three points. */
  readonly error: number;
}

/** What became of a quantity over the run, without its warm-up. */
export interface Trend extends Line {
  /** Median of the first tenth, and of the last. */
  readonly start: number;
  readonly end: number;
  readonly max: number;
  readonly grows: boolean;
}

/** What happens at the beginning (caches, compiled code, connections) is no leak. */
export const WARM_UP_SHARE = 0.2;
/** A day's growth that is less than this share of the start is none. */
export const GROWTH_SHARE = 0.05;
/** A slope is only believed when it is so many standard errors above zero: with chance alone 1 in 40 is. */
export const ERRORS = 2;
const DAY_H = 24;
const TENTH = 0.1;

/** Slope of the points, and how sure it is. */
export function lineThrough(points: readonly Point[]): Line {
  const hours = mean(points.map(({ hour }) => hour));
  const values = mean(points.map(({ value }) => value));
  const spread = sum(points.map(({ hour }) => (hour - hours) ** 2));
  const slope =
    spread === 0 ? 0 : sum(points.map(({ hour, value }) => (hour - hours) * (value - values))) / spread;
  if (points.length < 3 || spread === 0) return { slope, error: Number.POSITIVE_INFINITY };
  const left = sum(points.map(({ hour, value }) => (value - values - slope * (hour - hours)) ** 2));
  return { slope, error: Math.sqrt(left / (points.length - 2) / spread) };
}

/**
 * What became of a quantity. It grows when its slope makes more than 5 % of the start, and more than `least`, in 24 hours,
 * and is more than two standard errors above zero.
 * @param points all of the run, in order. @param least growth in 24 hours that is none for this quantity.
 * @returns undefined when there are not enough points after the warm-up.
 */
export function trendOf(points: readonly Point[], least: number): Trend | undefined {
  const last = points.at(-1)?.hour ?? 0;
  const warm = points.filter(({ hour }) => hour >= WARM_UP_SHARE * last);
  if (warm.length < 3) return undefined;
  const tenth = Math.max(1, Math.round(TENTH * warm.length));
  const values = warm.map(({ value }) => value);
  const start = median(values.slice(0, tenth));
  const line = lineThrough(warm);
  const aDay = line.slope * DAY_H;
  return {
    ...line,
    start,
    end: median(values.slice(-tenth)),
    max: Math.max(...values),
    grows: aDay > Math.max(least, GROWTH_SHARE * start) && line.slope > ERRORS * line.error,
  };
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
