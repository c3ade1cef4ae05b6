import type { Logger } from '../logger.ts';

/** A storm's first failures are looked at together: after the last one it is quiet this long, in ms. */
const QUIET_MS = 300;
/** However long the storm lasts, nobody waits longer than this, in ms. */
const LONGEST_WAIT_MS = 1500;
/**
 * Between two starts, in ms. Temporal names a schedule's workflows by the second: of two starts in the same one, the
 * second is dropped without a word (server 1.32, `GenerateWorkflowID`, reuse policy REJECT_DUPLICATE).
 */
const BETWEEN_STARTS_MS = 1000;
/** Between two tries when the schedule cannot be reached, in ms. */
const RETRY_MS = 2000;

/** Starts the failure scan soon after tasks have failed, and once for failures that come together. */
export class EarlyScan {
  readonly #trigger: () => Promise<void>;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #firstMs = 0;
  #startedMs = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  /** @param trigger starts the scan, or has it follow the one that runs. */
  constructor(trigger: () => Promise<void>, log: Logger) {
    this.#trigger = trigger;
    this.#log = log;
  }

  /** Tasks have failed. */
  failed(): void {
    const now = performance.now();
    if (this.#timer === undefined) this.#firstMs = now;
    const wait = Math.min(QUIET_MS, this.#firstMs + LONGEST_WAIT_MS - now);
    this.#startIn(Math.max(0, wait, this.#startedMs + BETWEEN_STARTS_MS - now));
  }

  /** Asks for no more scans, and waits for what it is doing. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #startIn(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#running.then(() => this.#start());
    }, ms);
  }

  async #start(): Promise<void> {
    try {
      await this.#trigger();
      this.#startedMs = performance.now();
    } catch (error) {
      this.#log.warn({ err: error }, 'the failure scan could not be started early; trying again');
      this.#startIn(RETRY_MS);
    }
  }
}
