import { describe, expect, test } from 'vitest';
import { TaskFailedError } from '../../src/client/task-handle.ts';
import { MIB, QUICK_RETRIES, sha256Of, untilTask } from '../support/downloads.ts';
import { contentSha256 } from '../support/misbehaving-server.ts';
import { suiteRekindle } from '../support/rekindle.ts';
import { tempDir } from '../support/temp-dir.ts';

const suite = suiteRekindle(QUICK_RETRIES);
const SIZE = 8 * MIB;

let count = 0;
function serve(behaviour: Parameters<ReturnType<typeof suite>['server']['serve']>[1]) {
  count += 1;
  const path = `/recover-${count}.mp4`;
  return { path, url: suite().server.serve(path, behaviour) };
}

/** A download that got some of its bytes and then failed with this status. */
async function failedWith(status: number) {
  const broken = { size: SIZE, refuse: { status, times: 1000 } };
  const { path, url } = serve({ size: SIZE, cutAfter: MIB, change: { afterRequests: 6, to: broken } });
  const task = await suite().rekindle.download({ url, to: tempDir(), connections: 1 });
  const error = await task.wait().catch((thrown: unknown) => thrown);
  if (!(error instanceof TaskFailedError)) throw error;
  return { task, path, url, view: error.view };
}

describe('recovery of a task by hand', () => {
  test('goes on from the last checkpoint, after the delay of its category', async () => {
    const { task, view } = await failedWith(503);
    expect(view.last_error).toMatchObject({ category: 'recoverable_temporary' });
    expect(await task.recover()).toMatchObject({ delayMs: 180_000, attempt: 1, fromStep: 'transfer' });
    const { view: recovering } = await task.show();
    expect(recovering).toMatchObject({
      status: 'recovering',
      recovery_attempts: 1,
      checkpoint: { step: 'transfer' },
      recovery_notes: [{ delay_seconds: 180, outcome: 'scheduled', why: expect.stringContaining('503') }],
    });
    await task.handle().terminate('the test waits no three minutes');
  });

  test('with force goes on at once and fetches nothing twice that was there', async () => {
    const { server } = suite();
    const { task, path, view } = await failedWith(410);
    const kept = Number(view.checkpoint?.data.downloaded_bytes);
    expect(kept).toBeGreaterThan(0);
    await expect(task.recover()).rejects.toMatchObject({
      code: 'TASK_STATE',
      message: expect.stringContaining('unrecoverable_business'),
    });
    server.serve(path, { size: SIZE });
    const sent = server.bytesSent(path);
    await task.recover({ force: true });
    const result = (await task.wait()) as { path: string; resumed: boolean };
    expect(result.resumed).toBe(true);
    expect(sha256Of(result.path)).toBe(contentSha256(1, SIZE));
    expect(server.bytesSent(path) - sent).toBeLessThanOrEqual(SIZE - kept + 1);
    expect((await task.show()).view).toMatchObject({
      status: 'completed',
      recovery_attempts: 1,
      recovery_notes: [{ delay_seconds: 0, outcome: 'completed' }],
    });
  });

  test('of one task happens once, however many ask for it at the same moment', async () => {
    const { task } = await failedWith(503);
    const asked = await Promise.allSettled([1, 2, 3].map(() => task.recover()));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of asked) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'TASK_STATE' });
    }
    await task.handle().terminate('the test waits no three minutes');
  });

  test('is refused for a task that runs, is completed, or never was, and says why', async () => {
    const { rekindle } = suite();
    const slow = serve({ size: SIZE, bytesPerSecond: MIB });
    const running = await rekindle.download({ url: slow.url, to: tempDir() });
    await untilTask(running, ({ view }) => view.status === 'running');
    await expect(running.recover()).rejects.toMatchObject({ code: 'TASK_STATE', message: /is running/ });
    await running.cancel();

    const quick = serve({ size: 1000 });
    const completed = await rekindle.download({ url: quick.url, to: tempDir() });
    await completed.wait();
    await expect(completed.recover({ force: true })).rejects.toMatchObject({ message: /is completed/ });

    await expect(rekindle.task('never-was').recover()).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });

  test('stops at the number of attempts that is allowed, unless it is forced', async () => {
    const { task } = await failedWith(503);
    await expect(task.recover({ maxAttempts: 0 })).rejects.toMatchObject({
      code: 'TASK_STATE',
      message: expect.stringContaining('the most that is allowed'),
    });
    expect(await task.recover({ maxAttempts: 0, force: true })).toMatchObject({ delayMs: 0, attempt: 1 });
    await task.wait().catch(() => undefined);
  });
});
