import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { VisibilitySource } from '../client/visibility-source.ts';
import type { Config } from '../config.ts';
import { type ProcessLock, tryLock } from '../locks/process-lock.ts';
import type { Logger } from '../logger.ts';
import { MirrorKeeper, projectOnce, runProjector } from '../mirror/index.ts';

/** A process that keeps the mirror up to date; there is one for each data directory. */
export interface MirrorOwner {
  /** Brings the mirror up to date a last time, closes it and gives up its ownership. */
  stop(): Promise<void>;
}

/** Who holds this lock is the only one that writes the mirror. */
export function tryOwnMirror(config: Config, purpose: string): ProcessLock | null {
  return tryLock(join(config.dataDir, 'mirror.lock'), purpose);
}

/** Starts keeping the mirror up to date, or returns undefined when another process does it. */
export function startMirrorOwner(
  config: Config,
  client: Client,
  purpose: string,
  log: Logger,
): MirrorOwner | undefined {
  const lock = tryOwnMirror(config, purpose);
  if (!lock) return undefined;
  const mirror = new MirrorKeeper(config.database.path, { maxReaders: config.database.maxConnections, log });
  const source = new VisibilitySource(client);
  const ending = new AbortController();
  const running = runProjector({ mirror, source, signal: ending.signal, log });
  return {
    async stop() {
      ending.abort();
      await running;
      await projectOnce(mirror, source).catch((error) =>
        log.warn({ err: error }, 'the mirror is left behind'),
      );
      mirror.close();
      lock.release();
    },
  };
}
