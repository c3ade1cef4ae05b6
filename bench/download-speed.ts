import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './download.ts';
import { median, printTable, seconds, timeCommand } from './support/measure.ts';
import { makeRandomFile } from './support/nginx.ts';
import { rekindle, startUp } from './support/rekindle.ts';

const MIB = 1024 * 1024;

/** 1 GiB at full speed. */
export async function speed({ dir, nginx, runs }: Bench): Promise<void> {
  makeRandomFile(join(dir, 'www/big.bin'), 1024 * MIB);
  await compare('1 GiB over loopback', dir, `${nginx.url}/big.bin`, runs);
  rmSync(join(dir, 'www/big.bin'));
}

/** 100 MiB where each connection gets 5 MB/s. */
export async function throttled({ dir, nginx, runs }: Bench): Promise<void> {
  makeRandomFile(join(dir, 'www/slow.bin'), 100 * MIB);
  await compare(
    '100 MiB, 5 MB/s a connection',
    dir,
    `${nginx.throttledUrl}/slow.bin`,
    Math.min(runs, 3),
    false,
  );
  rmSync(join(dir, 'www/slow.bin'));
}

/** Takes turns, so that a slow moment of the machine meets all of them. */
async function compare(
  title: string,
  dir: string,
  url: string,
  runs: number,
  withCurl = true,
): Promise<void> {
  const times: Record<string, number[]> = {
    curl: [],
    'aria2c -x4': [],
    'rekindle, workflow': [],
    'rekindle, command': [],
  };
  const note = (name: string, ms: number): void => void times[name]?.push(ms);
  const target = join(dir, 'out');
  const clear = (): void => rmSync(target, { recursive: true, force: true });
  const up = await startUp(join(dir, 'data-speed'));
  for (let i = 0; i < runs + 1; i++) {
    const warm = i > 0; // The first round fills the page cache and is not counted.
    if (withCurl) {
      const ms = await timeCommand('curl', ['-s', '--create-dirs', '-o', join(target, 'file'), url]);
      if (warm) note('curl', ms);
      clear();
    }
    const ms = await timeCommand('aria2c', ['-q', '-x4', '-s4', '-d', target, '-o', 'file', url]);
    if (warm) note('aria2c -x4', ms);
    clear();
    const args = [
      'download',
      url,
      '--to',
      target,
      '--name',
      'file',
      '--force',
      '--data-dir',
      join(dir, 'data-speed'),
    ];
    const ours = await rekindle(args);
    if (ours.code !== 0) throw new Error(`rekindle failed: ${JSON.stringify(ours.json)}`);
    if (warm) note('rekindle, workflow', Number(ours.json.duration_ms));
    if (warm) note('rekindle, command', ours.ms);
    clear();
  }
  await up.stop();
  const reference = (name: string): string => {
    const mine = times[name] ?? [];
    const ratio = (other: string): string => {
      const theirs = times[other] ?? [];
      return theirs.length > 0 ? (median(theirs) / median(mine)).toFixed(2) : '–';
    };
    return `${ratio('curl')} | ${ratio('aria2c -x4')}`;
  };
  const rows = Object.entries(times)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => [name, seconds(values), ...reference(name).split(' | ')]);
  printTable(
    `${title} (${runs} runs, seconds: median (min–max); ratio = speed against the other)`,
    ['', 's', '× curl', '× aria2c -x4'],
    rows,
  );
  console.log('The command also connects, follows the task and (with --json) hashes the finished file.');
}
