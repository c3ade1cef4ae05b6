import { ClientLane } from './client-lane.ts';
import { FastLane, NotPlain } from './fast-lane.ts';
import type { Lane, LaneContext } from './lane.ts';
import type { Region } from './regions.ts';

/** The fast lane as long as the server's answers are plain, undici from then on. */
export class RangeLane implements Lane {
  #fast: FastLane | null;
  readonly #careful: ClientLane;

  constructor(context: LaneContext) {
    this.#fast = FastLane.canServe(new URL(context.source.finalUrl)) ? new FastLane(context) : null;
    this.#careful = new ClientLane(context);
  }

  async fetch(region: Region): Promise<void> {
    if (this.#fast === null) return this.#careful.fetch(region);
    try {
      await this.#fast.fetch(region);
    } catch (error) {
      if (!(error instanceof NotPlain)) throw error;
      this.close();
      this.#fast = null;
      await this.#careful.fetch(region);
    }
  }

  close(): void {
    this.#fast?.close();
  }
}
