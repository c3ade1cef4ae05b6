/** A sign on the disk that the spare worker stands ready, for those who look at `up` from outside: an empty file. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { journalDir } from './journal-dir.ts';

const SIGN = /^spare-\d+\.ready$/;

const signOf = (config: Pick<Config, 'dataDir'>, pid: number): string =>
  join(journalDir(config), `spare-${pid}.ready`);

/**
 * Puts up the sign of this spare, and takes down those of earlier ones.
 * @param pid null: none stands ready any more.
 * @throws what the file system throws.
 */
export function showSpare(config: Pick<Config, 'dataDir'>, pid: number | null): void {
  const dir = journalDir(config);
  mkdirSync(dir, { recursive: true });
  for (const name of readdirSync(dir).filter((one) => SIGN.test(one)))
    rmSync(join(dir, name), { force: true });
  if (pid !== null) writeFileSync(signOf(config, pid), '');
}

/** Whether this process was a spare that stood ready. */
export function isReadySpare(config: Pick<Config, 'dataDir'>, pid: number): boolean {
  return existsSync(signOf(config, pid));
}
