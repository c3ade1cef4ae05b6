import type { Logger } from '../../logger.ts';

/** Does what may fail without harm. What goes wrong again and again is said once, until it goes well. */
export class Complaints {
  readonly #log: Logger;
  readonly #said = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @returns what `work` returns; undefined when it failed. */
  async bestEffort<T>(complaint: string, work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      const done = await work();
      if (this.#said.delete(complaint)) this.#log.info(`no more: ${complaint}`);
      return done;
    } catch (error) {
      if (!this.#said.has(complaint)) this.#log.warn({ err: error }, complaint);
      this.#said.add(complaint);
      return undefined;
    }
  }
}
