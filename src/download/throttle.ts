/** The largest piece to read at once, so that a limit is kept evenly: a tenth of a second's worth. */
const PIECES_PER_SECOND = 10;
const SMALLEST_PIECE = 4 * 1024;

/** A token bucket that all connections of a transfer draw from; it may run into debt, which is waited for. */
export class Throttle {
  readonly #bytesPerSecond: number;
  #tokens = 0;
  #filledAt = performance.now();

  /** @param bytesPerSecond `undefined`: no limit */
  constructor(bytesPerSecond: number | undefined) {
    this.#bytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY;
  }

  /** Takes `bytes` that have arrived. Returns how long to wait before reading on, ms. */
  take(bytes: number): number {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return 0;
    const now = performance.now();
    const earned = ((now - this.#filledAt) / 1000) * this.#bytesPerSecond;
    // What was not used in the last tenth of a second is gone: a pause must not be followed by a burst.
    this.#tokens = Math.min(this.#bytesPerSecond / PIECES_PER_SECOND, this.#tokens + earned) - bytes;
    this.#filledAt = now;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#bytesPerSecond) * 1000);
  }

  /** The largest read that keeps the limit even, at most `most` bytes. */
  pieceBytes(most: number): number {
    return Math.max(SMALLEST_PIECE, Math.min(most, Math.floor(this.#bytesPerSecond / PIECES_PER_SECOND)));
  }
}
