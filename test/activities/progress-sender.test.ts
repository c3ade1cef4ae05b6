import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProgressSender } from '../../src/activities/progress-sender.ts';
import type { StepProgress } from '../../src/domain/task-state.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function sender(send: (progress: StepProgress) => Promise<void> = async () => undefined) {
  const sent: number[] = [];
  const made = new ProgressSender('transfer', async (progress) => {
    sent.push(progress.fraction);
    await send(progress);
  });
  return { made, sent };
}

/** Offers this fraction after so much time. */
async function offerAfter(made: ProgressSender, seconds: number, fraction: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  made.offer(fraction, { downloaded_bytes: fraction * 1000 });
  await made.settle();
}

test('says nothing in the first five seconds', async () => {
  const { made, sent } = sender();
  for (let second = 0; second < 4; second += 1) await offerAfter(made, 1, second / 5);
  expect(sent).toEqual([]);
});

test('then says something every five seconds at most', async () => {
  const { made, sent } = sender();
  for (let second = 1; second <= 17; second += 1) await offerAfter(made, 1, second / 20);
  expect(sent).toEqual([5 / 20, 10 / 20, 15 / 20]);
});

test('waits until there is a hundredth more to tell', async () => {
  const { made, sent } = sender();
  await offerAfter(made, 6, 0.5);
  await offerAfter(made, 6, 0.505);
  await offerAfter(made, 6, 0.512);
  expect(sent).toEqual([0.5, 0.512]);
});

test('tells the latest when it is asked to, once', async () => {
  const { made, sent } = sender();
  await offerAfter(made, 1, 0.1);
  await offerAfter(made, 1, 0.2);
  await made.sendLatest();
  await made.sendLatest();
  expect(sent).toEqual([0.2]);
});

test('forgets what could not be sent, and goes on', async () => {
  const { made, sent } = sender(async ({ fraction }) => {
    if (fraction < 0.2) throw new Error('the server does not answer');
  });
  await offerAfter(made, 6, 0.1);
  await offerAfter(made, 6, 0.3);
  expect(sent).toEqual([0.1, 0.3]);
});

test('sends one after the other', async () => {
  const { promise: delivered, resolve: deliver } = Promise.withResolvers<void>();
  const { made, sent } = sender(() => delivered);
  await vi.advanceTimersByTimeAsync(6000);
  made.offer(0.1, {});
  await vi.advanceTimersByTimeAsync(6000);
  made.offer(0.2, {});
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual([0.1]);
  deliver();
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual([0.1, 0.2]);
});
