/**
 * Downloads beside curl and aria2c, all against the same nginx on loopback.
 * Arguments: the parts to run (`speed throttled memory kill start`), all of them by default; `--runs N` (default 5).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killRounds } from './download-kill.ts';
import { memory } from './download-memory.ts';
import { speed, throttled } from './download-speed.ts';
import { startUps } from './download-start.ts';
import { type Nginx, startNginx } from './support/nginx.ts';

/** What every part works with. */
export interface Bench {
  readonly dir: string;
  readonly nginx: Nginx;
  readonly runs: number;
}

const PARTS: Record<string, (bench: Bench) => Promise<void>> = {
  speed,
  throttled,
  memory,
  kill: killRounds,
  start: startUps,
};

export async function run(args: string[]): Promise<void> {
  const at = args.indexOf('--runs');
  const runs = at >= 0 ? Number(args[at + 1]) : 5;
  const named = args.filter((arg) => arg in PARTS);
  const dir = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
  const nginx = await startNginx(dir);
  try {
    for (const part of named.length > 0 ? named : Object.keys(PARTS))
      await PARTS[part]?.({ dir, nginx, runs });
  } finally {
    await nginx.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
