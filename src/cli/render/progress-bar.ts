import { bytes, duration } from './amounts.ts';

/** How far something is, for {@link progressLine}. */
export interface Progress {
  readonly done: number;
  /** null: not known. */
  readonly total: number | null;
  /** Bytes per second. */
  readonly rate: number;
}

const BAR_WIDTH = 24;

/** One line: bar, share, amounts, speed and time left. */
export function progressLine({ done, total, rate }: Progress): string {
  const speed = `${bytes(rate)}/s`;
  if (total === null || total === 0) return `${bytes(done)}  ${speed}`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const eta = rate > 0 && done < total ? `  ETA ${duration((1000 * (total - done)) / rate)}` : '';
  return `${bar} ${(100 * share).toFixed(1).padStart(5)} %  ${bytes(done)} / ${bytes(total)}  ${speed}${eta}`;
}

/** Weight of the newest measurement; smooths the speed over about the last three seconds of quarter-second looks. */
const NEWEST = 0.15;

/** Speed of something that is looked at now and then. */
export class Speedometer {
  #done: number | undefined;
  #atMs = 0;
  #rate: number | undefined;

  /** @returns bytes per second, smoothed. */
  measure(done: number, nowMs: number): number {
    const ms = nowMs - this.#atMs;
    if (this.#done !== undefined && ms > 0) {
      const rate = (1000 * Math.max(0, done - this.#done)) / ms;
      this.#rate = this.#rate === undefined ? rate : NEWEST * rate + (1 - NEWEST) * this.#rate;
    }
    this.#done = done;
    this.#atMs = nowMs;
    return this.#rate ?? 0;
  }
}
