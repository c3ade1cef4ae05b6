import { setTimeout as delay } from 'node:timers/promises';
import { type ActivityFunction, CarriedAttempt, type CarryDeps } from './carried-attempt.ts';
import type { ActivityInFlight } from './in-flight-journal.ts';

/** What can be carried on, and how. */
export interface CarriedAttemptsOptions extends CarryDeps {
  readonly activities: Readonly<Record<string, ActivityFunction>>;
  /** The heartbeat that an attempt goes on with, from its last one. */
  readonly carriedOn: (beat: unknown) => unknown;
}

/**
 * Whose last sign of life is older than this may have timed out meanwhile, and be done by another worker: it is left to
 * the server. In ms; the heartbeat timeout of steps is 10 s, and the server heard of them up to 1 s before.
 */
const FRESH_MS = 6000;

/**
 * The attempts of dead workers that this process carries on. They come on top of the steps that its own worker may do at
 * once: the dead one had room for them.
 */
export class CarriedAttempts {
  readonly #options: CarriedAttemptsOptions;
  readonly #running = new Map<CarriedAttempt, Promise<void>>();

  constructor(options: CarriedAttemptsOptions) {
    this.#options = options;
  }

  /** Goes on with an attempt at once. @returns false when that cannot be: it has to be done again. */
  begin(activity: ActivityInFlight, now = Date.now()): boolean {
    const { work } = activity;
    if (!work) return false;
    const age = now - work.aliveAtMs;
    const { heartbeatDetails, activityType } = work.info;
    const run = typeof activityType === 'string' ? this.#options.activities[activityType] : undefined;
    // A clock that was set back tells nothing.
    if (!run || age < 0 || age > FRESH_MS) return false;
    const beat = this.#options.carriedOn(work.beat ?? heartbeatDetails);
    const attempt = new CarriedAttempt(this.#options, { ...activity, work }, beat);
    const running = attempt.run(run).finally(() => this.#running.delete(attempt));
    this.#running.set(attempt, running);
    return true;
  }

  /** How many it carries on now. */
  get count(): number {
    return this.#running.size;
  }

  /** Lets all of them save what they have and give themselves back, and waits for that, at most so long. */
  async stop(graceMs: number): Promise<void> {
    for (const attempt of this.#running.keys()) attempt.cancel('WORKER_SHUTDOWN');
    const late = new AbortController();
    const ended = Promise.all(this.#running.values()).finally(() => late.abort());
    // What does not end stays in the journal; the next worker goes on from its last progress.
    const { signal } = late;
    await Promise.race([ended, delay(graceMs, undefined, { signal }).catch(() => undefined)]);
  }
}
