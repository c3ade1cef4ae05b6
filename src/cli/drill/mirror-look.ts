/** What the mirror of the drill's rekindle says: how far it agrees with Temporal, and which recoveries it knows of. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import type { Logger } from '../../logger.ts';
import {
  checkMirror,
  getRecoveryHistory,
  getSession,
  MirrorKeeper,
  projectOnce,
  type TaskSource,
} from '../../mirror/index.ts';
import { fingerprintOf } from '../../report/index.ts';
import type { Seen, SeenFault } from './account.ts';
import { PROMISES } from './promises.ts';
import { type SeenRecovery, unrecordedKills } from './recoveries.ts';

/** What is looked at, and how. */
export interface MirrorLookOptions {
  readonly config: Config;
  readonly source: TaskSource;
  /** Tasks that it must have at least. */
  readonly tasks: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Each look reads all of Temporal's list, and the mirror's own reading slows down with a busy engine. In ms. */
const POLL_MS = 500;
/** A recovery session ends within that after the last kill: see `recoveries.ts`. In ms. */
const RECORDED_WITHIN_MS = 60_000;
const MOST_RECOVERIES = 100_000;

/** Looks at a mirror from outside. */
export class MirrorLook {
  readonly #options: MirrorLookOptions;

  constructor(options: MirrorLookOptions) {
    this.#options = options;
  }

  /** The mirror follows Temporal a moment behind: how far it comes by itself, and when. */
  async settled(): Promise<Pick<Seen, 'mirrorBefore' | 'mirrorSettledMs'>> {
    const start = performance.now();
    for (;;) {
      const mirrorBefore = await this.#consistency();
      const mirrorSettledMs = performance.now() - start;
      const settled = mirrorBefore !== null && mirrorBefore >= PROMISES.mirrorBefore;
      if (settled || mirrorSettledMs > PROMISES.mirrorSettledMs) return { mirrorBefore, mirrorSettledMs };
      await this.#pause();
    }
  }

  /** Recovery sessions are written down when they end, some seconds after the crash: waits for those that are missing. */
  async recoveries(faults: readonly SeenFault[]): Promise<readonly SeenRecovery[]> {
    const deadline = performance.now() + RECORDED_WITHIN_MS;
    for (;;) {
      const recoveries = (await this.#read(recoveriesIn)) ?? [];
      const missing = unrecordedKills(faults, recoveries);
      if (missing.length === 0 || performance.now() > deadline) return recoveries;
      await this.#pause();
    }
  }

  /** Compares it with all of Temporal, when nobody else writes it. @returns how far it agrees then. */
  async reconciled(): Promise<number | null> {
    const keeper = new MirrorKeeper(this.#options.config.database.path);
    try {
      await projectOnce(keeper, this.#options.source, { reconcileMs: 0, fingerprintOf });
    } finally {
      keeper.close();
    }
    return await this.#consistency();
  }

  /** Share of the tasks that the mirror shows as Temporal does. */
  async #consistency(): Promise<number | null> {
    const { source, tasks, log, signal } = this.#options;
    return await this.#read(async (keeper) => {
      const check = await checkMirror(keeper.get(), source, { settleMs: 0, signal });
      const { consistency, integrity, compared, missing, stale } = check;
      if (!check.ok) log.debug({ integrity, compared, missing, stale }, 'the mirror differs');
      return integrity.length > 0 || compared < tasks ? 0 : consistency;
    });
  }

  /** @returns what was read; null: it could not be. */
  async #read<T>(read: (keeper: MirrorKeeper) => T | Promise<T>): Promise<T | null> {
    const { config, log } = this.#options;
    const keeper = new MirrorKeeper(config.database.path, { readonly: true });
    try {
      return await read(keeper);
    } catch (error) {
      log.warn({ err: error }, 'the mirror could not be read');
      return null;
    } finally {
      keeper.close();
    }
  }

  #pause(): Promise<void> {
    return delay(POLL_MS, undefined, { signal: this.#options.signal });
  }
}

/** The recoveries from crashes that stand both in the history and in the table of sessions. */
function recoveriesIn(keeper: MirrorKeeper): SeenRecovery[] {
  const mirror = keeper.get();
  const history = getRecoveryHistory(mirror, { recoveryType: 'crash_recovery', limit: MOST_RECOVERIES });
  return history.flatMap(({ session_id }) => {
    const session = session_id === null ? undefined : getSession(mirror, session_id);
    if (!session) return [];
    const { status, data, created_at, updated_at } = session;
    return {
      cause: String(data?.cause),
      status,
      startedMs: Date.parse(created_at),
      endedMs: Date.parse(updated_at),
      deadWorkers: Number(data?.dead_workers ?? 0),
    };
  });
}
