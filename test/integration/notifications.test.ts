/** What the time-skipping server cannot show: workers that go, and histories that get too long. */
import { rmSync, writeFileSync } from 'node:fs';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { groupKeyOf, type Notification } from '../../src/domain/notification.ts';
import { failureNotification } from '../notify/support/digests.ts';
import { suiteEngine } from '../support/engine.ts';
import { quietRuntime } from '../support/quiet-runtime.ts';
import { tempDir } from '../support/temp-dir.ts';
import { NotificationBench, NotificationWorker } from '../workflows/notification-bench.ts';

const engine = suiteEngine();
let native: NativeConnection;

beforeAll(async () => {
  quietRuntime();
  native = await NativeConnection.connect({ address: engine().engine.address });
});
afterAll(() => native?.close());

const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0);

async function open(taskType: string, quietMs: number) {
  const { client } = engine().connected;
  const worker = new NotificationWorker(native, engine().engine.namespace, `notifications-${taskType}`);
  const bench = new NotificationBench(tempDir('notifications'), { client, queue: worker.queue, quietMs });
  worker.use(taskType, bench.activities());
  await worker.start();
  onTestFinished(() => worker.stop());
  const some = (from: number, to: number, message?: string): Notification[] =>
    Array.from({ length: to - from }, (_, i) =>
      failureNotification(`${taskType}-${from + i}`, { taskType, ...(message ? { info: { message } } : {}) }),
    );
  const group = client.workflow.getHandle(groupKeyOf(some(0, 1)[0] as Notification));
  return { bench, worker, some, group };
}

test('notifications survive a worker that is gone when they come, and one that goes while they rest', async () => {
  const { bench, worker, some } = await open('restarts', 2000);
  await worker.stop();
  await bench.send(some(0, 150));
  await worker.start();
  await bench.until('the first message', () => sum(bench.counts()) === 150);
  await bench.send(some(150, 300));
  await worker.stop();
  await bench.send(some(300, 310));
  await worker.start();
  await bench.until('all', () => sum(bench.counts()) === 310);
  await bench.until('all lines', () => new Set(bench.logged()).size === 310);
});

test('none is lost that comes in the moment a message goes out', async () => {
  const { bench, some } = await open('stream', 300);
  // One by one, over several messages, so that some come while a delivery starts.
  for (let i = 0; i < 300; i++) await bench.send(some(i, i + 1));
  await bench.until('all', () => sum(bench.counts()) === 300);
  await bench.until('all lines', () => bench.logged().length === 300);
  expect(bench.counts().length).toBeGreaterThan(1);
});

test('a storm that fills its history goes on as a new run, which knows what was told and loses no line', async () => {
  const { bench, some, group } = await open('full', 1000);
  const currentRun = async (): Promise<string> => (await group.describe()).runId;
  writeFileSync(bench.logDirectory, 'in the way');
  // Some 2 kB each: 4 MB are where Temporal suggests a new run.
  const message = '错误'.repeat(250);
  await bench.send(some(0, 100, message));
  const run = await currentRun();
  const sent = 2500;
  await bench.send(some(100, sent, message));
  await bench.until('a new run', async () => (await currentRun()) !== run);
  rmSync(bench.logDirectory);
  // The last of them are handed in again, to the new run.
  await bench.send(some(sent - 500, sent, message));
  await bench.send(some(sent, sent + 1, message));
  await bench.until('all messages', () => sum(bench.counts()) >= sent + 1);
  await bench.until('all lines', () => new Set(bench.logged()).size === sent + 1);
  expect(sum(bench.counts())).toBe(sent + 1);
}, 90_000);
