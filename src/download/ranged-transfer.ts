import { setTimeout as sleep } from 'node:timers/promises';
import { isRekindleError } from '../domain/error-codes.ts';
import { checkBlocks } from './check-blocks.ts';
import { HttpStatusError } from './http-status-error.ts';
import type { LaneContext } from './lane.ts';
import { LoginWanted } from './login-wanted.ts';
import type { OpenPart } from './part-file.ts';
import type { ProgressCounter } from './progress.ts';
import { RangesIgnored, SourceChanged } from './range-answer.ts';
import { RangeLane } from './range-lane.ts';
import { type Region, RegionPool } from './regions.ts';
import { Wakeup } from './wakeup.ts';

const MIB = 1024 * 1024;
/** A further connection must have at least so much to do; setting it up costs about as much. */
const LEAST_PER_LANE = MIB;
/** A smaller half of another lane's region is not worth a new request … */
const LEAST_STEAL = 2 * MIB;
/** … nor is one that its lane gets through in so many seconds at the speed so far. */
const LEAST_STEAL_S = 0.25;
/** How often a lane without work looks whether another one has become so slow that it should help. */
const LOOK_AGAIN_MS = 500;
/** How long a lane that got nowhere rests while others progress; doubled each time. */
const REST_MS = 3000;
const LONGEST_REST_MS = 60_000;
/** What an earlier attempt left is read again when the lanes have begun. In ms. */
const CHECK_AFTER_MS = 400;
/** Our errors that no other connection could avoid. */
const FINAL_CODES = new Set([
  'DISK_FULL',
  'NOT_WRITABLE',
  'INVALID_URL',
  'REDIRECT_LOOP',
  'ADDRESS_FORBIDDEN',
  'TOO_LARGE',
]);

/** Fetches what a part file lacks, over several connections. One run of it is one attempt. */
export class RangedTransfer {
  readonly #context: LaneContext;
  /** The caller's, without ours. */
  readonly #signal: AbortSignal;
  readonly #part: OpenPart;
  readonly #progress: ProgressCounter;
  readonly #lanes: number;
  readonly #wakeup = new Wakeup();
  /** Aborted when the transfer is over: everything that waits or reads stops. */
  readonly #stop = new AbortController();
  /** Where and when the lanes began with their regions. */
  readonly #begun = new WeakMap<Readonly<Region>, { readonly position: number; readonly atMs: number }>();
  #pool = new RegionPool([], 1);
  #checking = true;
  #resting = 0;

  constructor(context: LaneContext, part: OpenPart, progress: ProgressCounter, connections: number) {
    this.#signal = context.signal;
    this.#context = { ...context, signal: AbortSignal.any([context.signal, this.#stop.signal]) };
    this.#part = part;
    this.#progress = progress;
    const missing = part.map.size - part.map.stored;
    this.#lanes = Math.max(1, Math.min(connections, Math.floor(missing / LEAST_PER_LANE)));
  }

  /**
   * Returns when every byte is on disk and has been checked.
   * @throws the error that stopped it, when no connection gets any further; all connections are closed
   *   and all that was received is written by then
   */
  async run(): Promise<void> {
    const { map, file } = this.#part;
    const { signal } = this.#context;
    const begun = [...map.begun()];
    const partial = begun.filter((block) => !map.isWhole(block));
    // Lanes go on behind these, so they must be right first; there are never more than a few.
    await checkBlocks(file, map, partial, signal);
    const whole = begun.filter((block) => map.isWhole(block));
    this.#pool = new RegionPool(map.missing(), map.blockBytes);
    this.#pool.divide(this.#lanes);
    const work = Array.from({ length: this.#lanes }, () => this.#lane());
    work.push(this.#check(whole));
    await this.#all(work);
  }

  /** Waits for all; the first that fails stops the others. */
  async #all(work: readonly Promise<void>[]): Promise<void> {
    const failures: unknown[] = [];
    await Promise.all(
      work.map((one) =>
        one.catch((error: unknown) => {
          failures.push(error);
          this.#stop.abort(error);
          this.#wakeup.wake();
        }),
      ),
    );
    this.#signal.throwIfAborted();
    if (failures.length > 0) throw failures[0];
  }

  /** Checks what an earlier attempt left, while the lanes already fetch what is missing. */
  async #check(blocks: readonly number[]): Promise<void> {
    const { map, file } = this.#part;
    // Many downloads may go on at once, after a crash: all of them ask first, then they read.
    const laterMs = performance.now() + CHECK_AFTER_MS;
    while (blocks.length > 0 && !this.#pool.empty && performance.now() < laterMs)
      await this.#wakeup.wait(laterMs - performance.now());
    await checkBlocks(file, map, blocks, this.#context.signal, (block) => {
      const start = block * map.blockBytes;
      this.#pool.add(start, start + map.blockLength(block));
      this.#wakeup.wake();
    });
    this.#checking = false;
    this.#wakeup.wake();
  }

  get #finished(): boolean {
    return this.#pool.empty && !this.#checking;
  }

  async #lane(): Promise<void> {
    const lane = new RangeLane(this.#context);
    try {
      for (let fruitless = 0; !this.#finished; ) {
        this.#context.signal.throwIfAborted();
        const region = this.#pool.take((victim) => this.#leastSteal(victim));
        if (region === null) await this.#wakeup.wait(LOOK_AGAIN_MS);
        else fruitless = (await this.#fetch(lane, region)) ? 0 : fruitless + 1;
        if (fruitless > 0) await this.#rest(fruitless);
      }
    } finally {
      lane.close();
      this.#wakeup.wake();
    }
  }

  /** Whether it was of any use. @throws when no lane can get any further */
  async #fetch(lane: RangeLane, region: Region): Promise<boolean> {
    const start = region.position;
    this.#begun.set(region, { position: start, atMs: performance.now() });
    try {
      await lane.fetch(region);
      return true;
    } catch (error) {
      this.#context.signal.throwIfAborted();
      const useful = region.position > start;
      const last = this.#resting === this.#lanes - 1;
      if (this.#isFinal(error) || (!useful && last)) throw error;
      this.#progress.reconnects++;
      return useful;
    } finally {
      this.#pool.release(region);
      this.#wakeup.wake();
    }
  }

  /** A site that has ended the session refuses every connection; the sooner it is asked for another one, the better. */
  #isFinal(error: unknown): boolean {
    const { session } = this.#context.http;
    if (session && error instanceof HttpStatusError && error.status === 401) return true;
    return isFinal(error);
  }

  /** This connection is not wanted just now (a limit of connections, say); others progress. */
  async #rest(times: number): Promise<void> {
    this.#resting++;
    try {
      const until = sleep(Math.min(LONGEST_REST_MS, REST_MS * 2 ** (times - 1)), 'rested', {
        signal: this.#context.signal,
      });
      // Left over when the others finish first.
      until.catch(() => {});
      while ((await Promise.race([until, this.#wakeup.wait()])) !== 'rested' && !this.#finished);
    } finally {
      this.#resting--;
    }
  }

  #leastSteal(victim: Readonly<Region>): number {
    const begun = this.#begun.get(victim);
    if (begun === undefined) return LEAST_STEAL;
    const seconds = (performance.now() - begun.atMs) / 1000;
    const speed = (victim.position - begun.position) / Math.max(seconds, LEAST_STEAL_S);
    return Math.max(LEAST_STEAL, speed * LEAST_STEAL_S);
  }
}

/** Errors that say something about the file or the disk, not about one connection. */
function isFinal(error: unknown): boolean {
  if (error instanceof LoginWanted) return true;
  if (error instanceof SourceChanged || error instanceof RangesIgnored) return true;
  if (error instanceof TypeError || error instanceof RangeError) return true;
  return isRekindleError(error) && FINAL_CODES.has(error.code);
}
