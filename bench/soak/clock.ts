/** The soak's time: a day goes by in some minutes, and every rhythm with it. */

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Simulated time beside real time. */
export class SoakClock {
  /** Real length of the run, in ms. */
  readonly runMs: number;
  readonly hours: number;
  /** So many times faster than the real one. */
  readonly factor: number;
  #start = performance.now();

  /** @param minutes real. @param hours simulated. */
  constructor(minutes: number, hours: number) {
    this.runMs = minutes * MINUTE_MS;
    this.hours = hours;
    this.factor = (hours * HOUR_MS) / this.runMs;
  }

  /** The day begins now. */
  begin(): void {
    this.#start = performance.now();
  }

  /** How long something really takes that takes so long in simulated time; both in ms. */
  scaled(simulatedMs: number): number {
    return simulatedMs / this.factor;
  }

  /** Simulated hours since the beginning. */
  get hour(): number {
    return ((performance.now() - this.#start) * this.factor) / HOUR_MS;
  }

  get isOver(): boolean {
    return this.hour >= this.hours;
  }
}
