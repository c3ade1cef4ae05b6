/**
 * Child of the tests of resource locks.
 *   count DIR NAME FILE TIMES   adds 1 to the number in a file so often, each time under the lock
 *   cluster-count ADDRESS NAME FILE TIMES   the same with a cluster-wide lock
 *   hold DIR NAME               takes the lock, says so, and keeps it until it is told or killed
 *   cluster ADDRESS NAME HOST LEASE   the same with a cluster-wide lock, on a host of that name
 */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { acquireClusterLock, type ClusterWait } from '../../src/locks/cluster-lock.ts';
import type { HeldResource } from '../../src/locks/held-resource.ts';
import { acquireMachineLock } from '../../src/locks/machine-lock.ts';

const [mode = '', place = '', name = '', extra = '', more = ''] = process.argv.slice(2);
const say = (word: object) => console.log(JSON.stringify(word));

if (mode.endsWith('count')) {
  const take =
    mode === 'count'
      ? () => acquireMachineLock(place, name, { timeoutMs: 60_000 })
      : await clusterTaker({ timeoutMs: 60_000 });
  for (let i = 0; i < Number(more); i += 1) {
    const lock = await take();
    const number = Number(readFileSync(extra, 'utf8'));
    // Whoever is not kept out comes now.
    await delay(Math.random() * 2);
    writeFileSync(extra, String(number + 1));
    await lock.release();
  }
  say({ done: true });
  process.exit();
}
const lock = mode === 'hold' ? await acquireMachineLock(place, name, { purpose: 'child' }) : await cluster();
say({ got: process.pid, at: Date.now() });
lock.lost.addEventListener('abort', () => say({ lost: lock.lost.reason.code, at: Date.now() }));
await once(process.stdin, 'data');
await lock.release();
say({ released: true });
process.exit();

async function cluster(): Promise<HeldResource> {
  const wait = { host: extra, leaseMs: Number(more), purpose: 'child', timeoutMs: 60_000 };
  return (await clusterTaker(wait))();
}

async function clusterTaker(wait: ClusterWait): Promise<() => Promise<HeldResource>> {
  const client = new Client({ connection: await Connection.connect({ address: place }) });
  return () => acquireClusterLock(client, name, wait);
}
