import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EarlyScan } from '../../src/engine/early-scan.ts';
import { silentLogger } from '../../src/logger.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const counting = (trigger = vi.fn(async () => undefined)) => ({
  trigger,
  scan: new EarlyScan(trigger, silentLogger),
});

test('a failure starts the scan within a third of a second', async () => {
  const { scan, trigger } = counting();
  scan.failed();
  await vi.advanceTimersByTimeAsync(300);
  expect(trigger).toHaveBeenCalledOnce();
});

test('failures that come together start it once', async () => {
  const { scan, trigger } = counting();
  for (let i = 0; i < 5; i++) {
    scan.failed();
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.advanceTimersByTimeAsync(2000);
  expect(trigger).toHaveBeenCalledOnce();
});

test('a storm that does not end starts it every second and a half', async () => {
  const { scan, trigger } = counting();
  for (let i = 0; i < 60; i++) {
    scan.failed();
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(trigger.mock.calls.length).toBeGreaterThanOrEqual(3);
  expect(trigger.mock.calls.length).toBeLessThanOrEqual(4);
});

test('two starts never fall into one second, since the second would be dropped', async () => {
  const at: number[] = [];
  const { scan } = counting(
    vi.fn(async () => {
      at.push(Math.floor(Date.now() / 1000));
    }),
  );
  for (let i = 0; i < 20; i++) {
    scan.failed();
    await vi.advanceTimersByTimeAsync(450);
  }
  expect(at.length).toBeGreaterThan(5);
  expect(new Set(at).size).toBe(at.length);
});

test('a server that cannot be reached is asked again until it can', async () => {
  const trigger = vi.fn(async () => undefined);
  trigger.mockRejectedValueOnce(new Error('no route')).mockRejectedValueOnce(new Error('no route'));
  const { scan } = counting(trigger);
  scan.failed();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(trigger).toHaveBeenCalledTimes(3);
});

test('when it has stopped nothing starts any more', async () => {
  const { scan, trigger } = counting();
  scan.failed();
  await scan.stop();
  scan.failed();
  await vi.advanceTimersByTimeAsync(5000);
  expect(trigger).not.toHaveBeenCalled();
});
