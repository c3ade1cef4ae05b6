import { setTimeout as sleep } from 'node:timers/promises';
import { type Backoff, backoffDelayMs } from '../domain/backoff.ts';
import { isRekindleError } from '../domain/error-codes.ts';
import { type Logger, silentLogger } from '../logger.ts';
import type { MirrorKeeper } from './keeper.ts';
import { type Pass, Projection, type ProjectionOptions } from './projection.ts';
import type { TaskSource } from './source.ts';

export interface ProjectorOptions extends Omit<ProjectionOptions, 'log'> {
  /** Ends the projector; whatever it waits for is given up at once. */
  readonly signal: AbortSignal;
  readonly log?: Logger;
  /** Longest pause after a pass, in ms. @default 2 s */
  readonly maxPauseMs?: number;
  /** Longest pause between two tries while the mirror or Temporal cannot be reached, in ms: a try costs little. @default 2 s */
  readonly maxBackoffMs?: number;
  /** Called after every pass that succeeded. */
  readonly onPass?: (pass: Pass) => void;
  /** Called after every pass that failed. */
  readonly onProblem?: (error: unknown) => void;
}

/**
 * A pass is followed by nineteen times its own time, so that following takes no more than a twentieth of a busy engine.
 * One that took long has mostly waited, for an engine that was away or had much else to do, and waiting costs nobody
 * anything: so there is a longest pause.
 */
const PAUSE_FOR_EACH_MS = 19;
const MAX_PAUSE_MS = 2000;
const MAX_BACKOFF_MS = 2000;

/**
 * Keeps the mirror up to date until `signal` aborts. A mirror that is deleted, replaced, damaged, locked or full, and
 * a Temporal that cannot be reached, never end it: the problem is logged once, it tries again after growing pauses,
 * and says when all is well again. Only the process that owns the mirror may run it.
 */
export async function runProjector(options: ProjectorOptions): Promise<void> {
  const { signal, intervalMs = 500, log = silentLogger, onPass, onProblem } = options;
  const projection = new Projection({ ...options, log });
  const { maxPauseMs = MAX_PAUSE_MS, maxBackoffMs = MAX_BACKOFF_MS } = options;
  const trouble = new Trouble(log, intervalMs, maxBackoffMs);
  while (!signal.aborted) {
    let pauseMs = intervalMs;
    try {
      const startedAt = performance.now();
      const pass = await projection.pass();
      const pauseForCost = PAUSE_FOR_EACH_MS * (performance.now() - startedAt);
      pauseMs = Math.max(intervalMs, Math.min(maxPauseMs, pauseForCost));
      trouble.over();
      onPass?.(pass);
    } catch (error) {
      if (signal.aborted) return;
      pauseMs = trouble.met(error);
      onProblem?.(error);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
}

/**
 * One pass, for commands that end: brings the mirror up to date with everything that changed. All of Temporal
 * is only read into a new or replaced file, unless `reconcileMs` says otherwise: that can take long.
 * @throws {RekindleError} `MIRROR_UNAVAILABLE`, `MIRROR_NEWER`; what the source throws.
 */
export async function projectOnce(
  mirror: MirrorKeeper,
  source: TaskSource,
  options: Pick<ProjectionOptions, 'overlapMs' | 'reconcileMs' | 'signal' | 'fingerprintOf'> = {},
): Promise<Pass> {
  const reconcileMs = options.reconcileMs ?? Number.POSITIVE_INFINITY;
  return await new Projection({ ...options, reconcileMs, mirror, source, log: silentLogger }).pass();
}

/** Remembers a problem that lasts, so that it is logged once and tried again after growing pauses. */
class Trouble {
  readonly #log: Logger;
  readonly #backoff: Backoff;
  #failures = 0;
  #message = '';

  constructor(log: Logger, baseDelayMs: number, maxDelayMs: number) {
    this.#log = log;
    this.#backoff = { backoffType: 'exponential', baseDelayMs, maxDelayMs, jitter: true };
  }

  /** @returns the pause until the next try, in ms. */
  met(error: unknown): number {
    this.#failures += 1;
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.#message) {
      const hint = isRekindleError(error) ? error.hint : undefined;
      this.#log.warn({ err: error, hint }, `the mirror falls behind: ${message}`);
      this.#message = message;
    }
    return backoffDelayMs(this.#backoff, this.#failures);
  }

  over(): void {
    if (this.#failures === 0) return;
    this.#log.info({ failures: this.#failures }, 'the mirror is up to date again');
    this.#failures = 0;
    this.#message = '';
  }
}
