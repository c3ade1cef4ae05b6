/** A process that has run this long is well: its earlier ends count no more. In ms. */
const WELL_AFTER_MS = 60_000;
/** Ends in a row that are answered at once: the first may be an accident, and a task waits. */
const AT_ONCE = 3;
const BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;

/** How soon a process that ended is started again: at once at first, ever later when it keeps ending. */
export class Restarts {
  #inARow = 0;
  #startedMs = 0;

  /** It was started. @param nowMs monotonic */
  started(nowMs: number): void {
    this.#startedMs = nowMs;
  }

  /** It ended. @returns how long to wait before it is started again, in ms. */
  ended(nowMs: number): number {
    if (nowMs - this.#startedMs >= WELL_AFTER_MS) this.#inARow = 0;
    this.#inARow += 1;
    if (this.#inARow <= AT_ONCE) return 0;
    return Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (this.#inARow - AT_ONCE - 1));
  }

  /** Ends in a row without a good time between. */
  get inARow(): number {
    return this.#inARow;
  }
}
