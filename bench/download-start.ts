import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './download.ts';
import { printTable, seconds } from './support/measure.ts';
import { makeRandomFile } from './support/nginx.ts';
import { rekindle, startUp } from './support/rekindle.ts';

/** A small file from command to exit: with nothing running, and beside a running `up`. */
export async function startUps({ dir, nginx, runs }: Bench): Promise<void> {
  makeRandomFile(join(dir, 'www/small.bin'), 1_000_000);
  const dataDir = join(dir, 'data-start');
  const download = async (): Promise<number> => {
    const args = [
      'download',
      `${nginx.url}/small.bin`,
      '--to',
      join(dir, 'out'),
      '--force',
      '--data-dir',
      dataDir,
    ];
    const { code, ms, json } = await rekindle(args);
    if (code !== 0) throw new Error(`rekindle failed: ${JSON.stringify(json)}`);
    return ms;
  };
  await download(); // Sets up the data directory and the compile cache.
  const cold: number[] = [];
  for (let i = 0; i < runs; i++) cold.push(await download());
  const up = await startUp(dataDir);
  const warm: number[] = [];
  for (let i = 0; i < runs; i++) warm.push(await download());
  await up.stop();
  rmSync(join(dir, 'out'), { recursive: true, force: true });
  printTable(
    'A file of 1 MB from command to exit (seconds)',
    ['', 's', 'asked'],
    [
      ['nothing running', seconds(cold), '≤ 2.5'],
      ['beside `rekindle up`', seconds(warm), '≤ 1.0'],
    ],
  );
}
