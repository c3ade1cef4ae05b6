import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './download.ts';
import { printTable } from './support/measure.ts';
import { makeSparseFile } from './support/nginx.ts';
import { rekindle, startUp } from './support/rekindle.ts';

const MIB = 1024 * 1024;

/** Memory of the worker's process (`up`, so mirror and supervisor included) by the size of the download. */
export async function memory({ dir, nginx }: Bench): Promise<void> {
  const rows: string[][] = [];
  for (const mib of [64, 1024, 5120]) {
    makeSparseFile(join(dir, 'www/sparse.bin'), mib * MIB);
    const dataDir = join(dir, `data-memory-${mib}`);
    const up = await startUp(dataDir);
    const before = rss(up.pid);
    const watch = peakOf(up.pid);
    const args = ['download', `${nginx.url}/sparse.bin`, '--to', join(dir, 'out'), '--data-dir', dataDir];
    const { json, code } = await rekindle(args);
    if (code !== 0) throw new Error(`rekindle failed: ${JSON.stringify(json)}`);
    rows.push([
      `${mib} MiB`,
      String(before),
      String(watch.stop()),
      `${(Number(json.duration_ms) / 1000).toFixed(1)}`,
    ]);
    await up.stop();
    rmSync(join(dir, 'out'), { recursive: true, force: true });
    rmSync(join(dir, 'www/sparse.bin'));
  }
  printTable('Memory of the worker (RSS, MiB)', ['file', 'before', 'peak', 's'], rows);
}

function rss(pid: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}

function peakOf(pid: number): { stop(): number } {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, rss(pid));
  }, 50);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}
