/** How the delay grows from one retry to the next. */
export type BackoffType = 'exponential' | 'linear' | 'fixed';

/** The numbers of a backoff. Times are in milliseconds. */
export interface Backoff {
  readonly backoffType: BackoffType;
  /** Delay before the first retry, in ms. */
  readonly baseDelayMs: number;
  /** No computed delay is longer, in ms. */
  readonly maxDelayMs: number;
  /** Growth of an exponential backoff from one retry to the next. @default 2 */
  readonly exponentialBase?: number;
  /** Whether the delay is spread, so that a crowd that failed together does not come back together. */
  readonly jitter: boolean;
}

/**
 * Share of a delay that jitter may take away: the delay lies in `[(1 - JITTER_SHARE) × d, d]`.
 * Equal jitter (half fixed, half random) as in AWS's "Exponential Backoff And Jitter"; it never
 * exceeds the documented delay and never falls to zero.
 */
const JITTER_SHARE = 0.5;

/**
 * The delay before retry number `retry`, in ms.
 * @param retry 1 for the first retry, after the first failed attempt.
 * @param random a number in [0, 1); only used with jitter.
 */
export function backoffDelayMs(backoff: Backoff, retry: number, random: () => number = Math.random): number {
  const grown = Math.min(backoff.maxDelayMs, backoff.baseDelayMs * growth(backoff, Math.max(1, retry)));
  return Math.round(backoff.jitter ? grown * (1 - JITTER_SHARE * random()) : grown);
}

function growth(backoff: Backoff, retry: number): number {
  switch (backoff.backoffType) {
    case 'exponential':
      // Kept finite, since no delay times infinity would be no number.
      return Math.min(Number.MAX_VALUE, (backoff.exponentialBase ?? 2) ** (retry - 1));
    case 'linear':
      return retry;
    case 'fixed':
      return 1;
  }
}
