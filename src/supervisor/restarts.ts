/** For each such time that a process has run, one of its earlier ends counts no more. In ms. */
const FORGIVEN_AFTER_MS = 5000;
/** Ends in a row that are answered at once: the first may be an accident, and a task waits. */
const AT_ONCE = 3;
const BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;

/**
 * How soon a process that ended is started again: at once at first, ever later when it keeps ending. One that is killed
 * now and then is always replaced at once: its tasks shall not wait for a minute of peace.
 */
export class Restarts {
  #inARow = 0;
  #startedMs = 0;

  /** It was started. @param nowMs monotonic */
  started(nowMs: number): void {
    this.#startedMs = nowMs;
  }

  /** It ended. @returns how long to wait before it is started again, in ms. */
  ended(nowMs: number): number {
    const forgiven = Math.floor((nowMs - this.#startedMs) / FORGIVEN_AFTER_MS);
    this.#inARow = Math.max(0, this.#inARow - forgiven) + 1;
    if (this.#inARow <= AT_ONCE) return 0;
    return Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (this.#inARow - AT_ONCE - 1));
  }

  /** Ends that count. */
  get inARow(): number {
    return this.#inARow;
  }
}
