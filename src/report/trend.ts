/** How a number of failures compares with the period before. */
export interface Trend {
  readonly previous: number;
  /** Percent with one decimal; null when there was nothing before. */
  readonly change_percent: number | null;
  /** `up` and `down` only when the change is more than chance. */
  readonly direction: 'new' | 'up' | 'down' | 'steady';
}

/** A change of less than this share is steady however many failures there are. */
const LEAST_CHANGE = 0.1;
/** Counts scatter by about their square root (Poisson); the difference of two has to exceed twice that. */
const STANDARD_DEVIATIONS = 2;

/** Compares two counts of periods of equal length. */
export function trendOf(current: number, previous: number): Trend {
  if (previous === 0) return { previous, change_percent: null, direction: current === 0 ? 'steady' : 'new' };
  const change = (current - previous) / previous;
  const real =
    Math.abs(change) >= LEAST_CHANGE &&
    Math.abs(current - previous) > STANDARD_DEVIATIONS * Math.sqrt(current + previous);
  const direction = !real ? 'steady' : change > 0 ? 'up' : 'down';
  return { previous, change_percent: Math.round(1000 * change) / 10, direction };
}
