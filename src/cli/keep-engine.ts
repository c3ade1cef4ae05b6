import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { type Backoff, backoffDelayMs } from '../domain/backoff.ts';
import type { Engine, EngineOptions } from '../engine/engine.ts';
import { ensureEngine } from '../engine/ensure-engine.ts';
import type { Logger } from '../logger.ts';

/** The engine of a process that lives long. */
export interface KeptEngine {
  /** The one that runs now. */
  readonly current: Engine;
  /** Stops watching, and says that this process is done with it. */
  release(): Promise<void>;
}

/** Between two tries to start an engine that does not come up. */
const BACKOFF: Backoff = {
  backoffType: 'exponential',
  baseDelayMs: 200,
  maxDelayMs: 30_000,
  jitter: false,
};

/**
 * Starts the engine again whenever its process is gone, on the ports that it had: clients that still run find it by
 * themselves.
 * @param onRestart told of each new one, and when the one before it was seen to have ended, in ms since the epoch.
 */
export function keepEngine(
  config: Config,
  first: Engine,
  options: EngineOptions,
  log: Logger,
  onRestart: (engine: Engine, endedMs: number) => void,
): KeptEngine {
  const ending = new AbortController();
  let current = first;
  let restarting: Promise<void> | undefined;
  const watch = (engine: Engine): (() => void) =>
    engine.onExit(() => {
      if (!ending.signal.aborted) restarting = restart();
    });
  let unwatch = watch(first);
  const restart = async (): Promise<void> => {
    const endedMs = Date.now();
    log.error({ pid: current.pid }, 'the engine has ended; starting it again');
    await current.release({ keep: true }).catch(() => undefined);
    for (let tries = 1; !ending.signal.aborted; tries++) {
      try {
        current = await ensureEngine(config, options);
        unwatch = watch(current);
        log.warn({ pid: current.pid, address: current.address }, 'the engine runs again');
        onRestart(current, endedMs);
        return;
      } catch (error) {
        log.error({ err: error, tries }, 'the engine could not be started');
        await delay(backoffDelayMs(BACKOFF, tries), undefined, { signal: ending.signal }).catch(
          () => undefined,
        );
      }
    }
  };
  return {
    get current() {
      return current;
    },
    async release() {
      ending.abort();
      unwatch();
      await restarting;
      await current.release();
    },
  };
}
