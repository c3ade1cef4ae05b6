import { rmSync, writeFileSync } from 'node:fs';
import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { groupKeyOf, type Notification } from '../../src/domain/notification.ts';
import { PermanentDeliveryError, TemporaryDeliveryError } from '../../src/notify/channel.ts';
import { failureNotification } from '../notify/support/digests.ts';
import { quietRuntime } from '../support/quiet-runtime.ts';
import { tempDir } from '../support/temp-dir.ts';
import { noTimeSkipping, timeSkippingServer } from '../support/time-skipping.ts';
import { NotificationBench, NotificationWorker } from './notification-bench.ts';

const reason = noTimeSkipping(inject('cacheDir'));
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe.skipIf(reason)(`notifications${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let env: TestWorkflowEnvironment;
  let client: Client;
  let worker: NotificationWorker;
  let count = 0;

  beforeAll(async () => {
    quietRuntime();
    env = await timeSkippingServer(inject('cacheDir'));
    client = new Client({ connection: env.connection });
    worker = new NotificationWorker(env.nativeConnection, 'default');
    await worker.start();
  }, 300_000);
  afterAll(async () => {
    await worker?.stop();
    await env?.teardown();
  });

  /** A bench, and a way to make notifications of its own group. */
  function open() {
    count += 1;
    const taskType = `type-${count}`;
    const bench = new NotificationBench(tempDir('notifications'), { client, queue: worker.queue });
    worker.use(taskType, bench.activities());
    const some = (from: number, to: number): Notification[] =>
      Array.from({ length: to - from }, (_, i) =>
        failureNotification(`${taskType}-${from + i}`, { taskType }),
      );
    const group = client.workflow.getHandle(groupKeyOf(some(0, 1)[0] as Notification));
    const status = async (): Promise<string> => (await group.describe()).status.name;
    return { bench, some, group, status };
  }

  test('of a storm come as one message at once and one with the count of the rest', async () => {
    const { bench, some, status } = open();
    await bench.send(some(0, 50));
    await bench.until('the first message', () => bench.counts('pager').length === 1);
    await bench.send(some(50, 1000));
    await bench.until('all lines', () => bench.logged().length === 1000);
    await env.sleep(11 * MINUTE);
    await bench.until('the second message', () => bench.counts('pager').length === 2);
    const counts = bench.counts('pager');
    expect(counts).toEqual([50, 950]);
    expect(bench.counts()).toEqual(counts);
    const [first, second] = bench.messages('pager');
    expect(first?.digest.taskIds).toHaveLength(20);
    expect(second?.text).toMatch(/另有 \d+ 个/);
    expect(second?.id).not.toBe(first?.id);
    expect(new Set(bench.logged()).size).toBe(1000);
    expect(bench.rows).toHaveLength(1000);
    await env.sleep(24 * HOUR);
    expect(await status()).toBe('RUNNING');
    await env.sleep(2 * HOUR);
    await bench.until('the end', async () => (await status()) === 'COMPLETED');
    expect(bench.counts('pager')).toHaveLength(2);
  });

  test('that keep coming are told ever more seldom, and a new storm at once again', async () => {
    const { bench, some, status } = open();
    const told: number[] = [];
    // One every 5 minutes for 4 hours.
    for (let i = 0; i < 48; i++) {
      await bench.send(some(i, i + 1));
      await env.sleep(5 * MINUTE);
      told.push(bench.counts().length);
    }
    // At 0, 10, 30, 70, 150 minutes; the next would come at 310.
    expect(told.at(-1)).toBe(5);
    await env.sleep(2 * HOUR);
    await bench.until('the rest', () => bench.counts().length === 6);
    expect(bench.counts().reduce((sum, n) => sum + n)).toBe(48);
    await env.sleep(6 * HOUR);
    await bench.send(some(100, 101));
    await bench.until('the new storm', () => bench.counts().length === 7);
    await env.sleep(26 * HOUR);
    await bench.until('the end', async () => (await status()) === 'COMPLETED');
    await bench.send(some(101, 102));
    await bench.until('another life', () => bench.counts().length === 8);
    expect(new Set(bench.messages().map(({ id }) => id)).size).toBe(8);
  });

  test('that are handed in twice are told and logged once', async () => {
    const { bench, some } = open();
    await bench.send(some(0, 150));
    await bench.send(some(0, 150));
    await bench.until('the first message', () => bench.counts().length >= 1);
    await env.sleep(11 * MINUTE);
    await bench.send(some(0, 150));
    await env.sleep(12 * HOUR);
    await bench.send(some(0, 150));
    await env.sleep(HOUR);
    expect(bench.counts().reduce((sum, n) => sum + n)).toBe(150);
    expect(bench.logged()).toHaveLength(150);
  });

  test('reach a channel that was down for an hour, and the others meanwhile', async () => {
    const { bench, some } = open();
    bench.refuse = (channel) => (channel === 'pager' ? new Error('connection refused') : undefined);
    await bench.send(some(0, 1));
    await bench.until('the other channel', () => bench.counts('in-app').length === 1);
    await env.sleep(HOUR);
    expect(bench.counts('pager')).toEqual([]);
    bench.refuse = () => undefined;
    await env.sleep(6 * MINUTE);
    await bench.until('the channel', () => bench.counts('pager').length === 1);
    await bench.until('its record', () => bench.deliveries.at(-1)?.status === 'delivered');
    const ofPager = bench.deliveries.filter(({ channel }) => channel === 'pager');
    expect(ofPager[0]).toMatchObject({
      status: 'retrying',
      attempts: 1,
      error: 'connection refused',
      count: 1,
    });
    expect(ofPager.at(-1)).toMatchObject({ status: 'delivered', error: null });
    expect(ofPager.length).toBeGreaterThan(10);
    expect(ofPager.length).toBeLessThan(30);
  });

  test('that a channel refuses for good are tried once, recorded, and take nothing from the others', async () => {
    const { bench, some, group } = open();
    bench.refuse = (channel) =>
      channel === 'pager' ? new PermanentDeliveryError('no such pager') : undefined;
    await bench.send(some(0, 1));
    await bench.until('both outcomes', () => bench.deliveries.length === 2);
    await env.sleep(HOUR);
    expect(bench.counts('in-app')).toEqual([1]);
    const digestId = bench.messages()[0]?.id ?? '';
    expect(bench.deliveries).toContainEqual(
      expect.objectContaining({
        digestId,
        channel: 'pager',
        status: 'failed',
        attempts: 1,
        error: 'no such pager',
      }),
    );
    const outcome = await client.workflow.getHandle(digestId).result();
    expect(outcome).toEqual({ 'in-app': 'delivered', pager: 'failed' });
    expect(digestId.startsWith(group.workflowId)).toBe(true);
  });

  test('go out when the log files cannot be written, and stand in them when they can again', async () => {
    const { bench, some, status } = open();
    writeFileSync(bench.logDirectory, 'in the way');
    await bench.send(some(0, 10));
    await env.sleep(10_000);
    await bench.until('the message', () => bench.counts().length === 1);
    await env.sleep(HOUR);
    rmSync(bench.logDirectory);
    await env.sleep(2 * MINUTE);
    await bench.until('the lines', () => bench.logged().length === 10);
    await env.sleep(26 * HOUR);
    await bench.until('the end', async () => (await status()) === 'COMPLETED');
    await bench.until('the rows', () => bench.rows.length === 10);
  });

  test('go out when the mirror is broken', async () => {
    const { bench, some } = open();
    bench.mirrorError = new Error('MIRROR_UNAVAILABLE');
    await bench.send(some(0, 1));
    await bench.until('the message', () => bench.counts('pager').length === 1);
    await bench.until('the line', () => bench.logged().length === 1);
  });

  test('are readable in the Web UI', async () => {
    const { bench, some, group } = open();
    await bench.send(some(0, 1));
    await bench.until('the message', () => bench.counts().length === 1);
    const details = await group.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    expect(JSON.stringify(details)).toContain('1 message(s) sent');
  });

  // The last: after it the server lets no time pass any more.
  test('that no channel takes are given up after three days, and the delivery says so', async () => {
    const { bench, some } = open();
    // Asked to come back in an hour, so that three days are not a thousand tries.
    bench.refuse = () => new TemporaryDeliveryError('down', { retryAfterMs: HOUR });
    await bench.send(some(0, 1));
    await bench.until('a try', () => bench.deliveries.length > 0);
    const { digestId = '' } = bench.deliveries[0] ?? {};
    await env.sleep(71 * HOUR);
    expect(bench.deliveries.filter(({ status }) => status === 'failed')).toEqual([]);
    await env.sleep(2 * HOUR);
    await bench.until(
      'both given up',
      () => bench.deliveries.filter(({ status }) => status === 'failed').length === 2,
    );
    await expect(client.workflow.getHandle(digestId).result()).rejects.toMatchObject({
      cause: { type: 'NOT_DELIVERED' },
    });
    expect(bench.logged()).toHaveLength(1);
  });
});
