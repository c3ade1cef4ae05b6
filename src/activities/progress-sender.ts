import type { JsonObject } from '../domain/json.ts';
import type { StepProgress } from '../domain/task-state.ts';

/** At most one signal in this time, and at least this much more done: each costs five events of history. */
const QUIET_MS = 5000;
const MIN_STEP = 0.01;

/** Sends a step's progress to its workflow, sparingly; a signal that fails is forgotten, the next one says more. */
export class ProgressSender {
  readonly #step: string;
  readonly #send: (progress: StepProgress) => Promise<void>;
  #sentAtMs: number;
  #sentFraction = 0;
  #latest: StepProgress | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(step: string, send: (progress: StepProgress) => Promise<void>, now = Date.now()) {
    this.#step = step;
    this.#send = send;
    // The first seconds of a step say nothing that the step's end would not say better.
    this.#sentAtMs = now;
  }

  offer(fraction: number, data: JsonObject): void {
    this.#latest = { step: this.#step, fraction, data };
    const due = Date.now() - this.#sentAtMs >= QUIET_MS && fraction - this.#sentFraction >= MIN_STEP;
    if (due) void this.sendLatest();
  }

  /** Waits for what is under way. */
  async settle(): Promise<void> {
    await this.#underWay;
  }

  /** Sends the latest word, however soon after the one before. */
  async sendLatest(): Promise<void> {
    const progress = this.#latest;
    if (progress) {
      this.#latest = undefined;
      this.#sentAtMs = Date.now();
      this.#sentFraction = progress.fraction;
      this.#underWay = this.#underWay.then(() => this.#send(progress)).catch(() => undefined);
    }
    await this.#underWay;
  }
}
