import { join } from 'node:path';
import type { Config } from '../config.ts';

/** Held by the one `rekindle up` of a data directory. */
export function upLock(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'run', 'up.lock');
}
