import { join } from 'node:path';
import type { Config } from '../config.ts';

/** Where the workers of a data directory keep their journals. */
export function journalDir(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'run');
}
