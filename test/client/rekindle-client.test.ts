import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RekindleClient } from '../../src/client/rekindle-client.ts';
import { TaskFailedError, type TaskSnapshot } from '../../src/client/task-handle.ts';
import { filesIn, MIB, QUICK_RETRIES, sentOnce, sha256Of, untilTask } from '../support/downloads.ts';
import { contentSha256 } from '../support/misbehaving-server.ts';
import { suiteRekindle } from '../support/rekindle.ts';
import { tempDir } from '../support/temp-dir.ts';

const suite = suiteRekindle(QUICK_RETRIES);
const SIZE = 3 * MIB;
/** So slow that a test has time to act, so fast that it does not wait. */
const SLOW = { size: SIZE, bytesPerSecond: MIB / 4 };
const PAUSE_LIMIT_MS = 2000;

let count = 0;
/** A file of its own on the server for each test. */
function serve(behaviour: Parameters<ReturnType<typeof suite>['server']['serve']>[1]) {
  count += 1;
  const path = `/lesson-${count}.mp4`;
  return { path, url: suite().server.serve(path, behaviour) };
}

const failed = async (promise: Promise<unknown>): Promise<TaskFailedError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof TaskFailedError) return error;
  throw error ?? new Error('it did not fail');
};

/** A download that has received something and is about to receive more. */
async function underWay() {
  const to = tempDir();
  const { path, url } = serve(SLOW);
  const task = await suite().rekindle.download({ url, to });
  await untilTask(task, ({ live }) => (live?.downloadedBytes ?? 0) > 0);
  return { to, path, url, task };
}

describe('a download', () => {
  test('brings the file, and tells what it took', async () => {
    const { rekindle } = suite();
    const to = tempDir();
    const { path, url } = serve({ size: SIZE });
    const task = await rekindle.download({ url, to, sha256: contentSha256(1, SIZE) });
    const result = await task.wait();
    expect(result).toMatchObject({
      path: join(to, path.slice(1)),
      bytes: SIZE,
      sha256: contentSha256(1, SIZE),
      resumed: false,
      bytesFetched: SIZE,
      alreadyThere: false,
    });
    expect(sha256Of(result.path)).toBe(contentSha256(1, SIZE));
    expect(filesIn(to).all).toEqual([path.slice(1)]);
    expect((await task.show()).view).toMatchObject({
      task_id: task.taskId,
      task_type: 'video_download',
      status: 'completed',
      run_status: 'COMPLETED',
      progress: 100,
      data: { url, directory: to, file_name: null },
    });
  });

  test('that is under way is joined by whoever starts it again', async () => {
    const { rekindle } = suite();
    const { task, url, to } = await underWay();
    const again = await rekindle.download({ url, to });
    expect(again.taskId).toBe(task.taskId);
    expect((await again.show()).view.run_id).toBe((await task.show()).view.run_id);
    await task.cancel();
  });

  test('that was started twice at the same moment is one', async () => {
    const { rekindle } = suite();
    const to = tempDir();
    const { url } = serve({ size: 1000 });
    const both = await Promise.all([rekindle.download({ url, to }), rekindle.download({ url, to })]);
    const results = await Promise.all(both.map((task) => task.wait()));
    expect(results[0]).toEqual(results[1]);
  });

  test('that failed goes on where it was when it is started again', async () => {
    const { rekindle, server } = suite();
    const to = tempDir();
    const gone = { size: 8 * MIB, refuse: { status: 410, times: 1000 } };
    const { path, url } = serve({
      size: 8 * MIB,
      cutAfter: MIB,
      change: { afterRequests: 6, to: gone },
    });
    const task = await rekindle.download({ url, to, connections: 1 });
    const { failure, view } = await failed(task.wait());
    expect(failure).toMatchObject({ category: 'unrecoverable_business', step: 'transfer' });
    expect(view).toMatchObject({ status: 'failed', run_status: 'FAILED' });
    const kept = Number(view.checkpoint?.data.downloaded_bytes);
    expect(kept).toBeGreaterThan(0);
    expect(filesIn(to).unfinished).not.toEqual([]);

    server.serve(path, { size: 8 * MIB });
    const before = server.bytesSent(path);
    const result = await (await rekindle.download({ url, to })).wait();
    expect(result).toMatchObject({ resumed: true, bytes: 8 * MIB });
    expect(server.bytesSent(path) - before).toBeLessThanOrEqual(8 * MIB - kept + 1);
    expect(result.bytesFetched).toBeGreaterThanOrEqual(8 * MIB);
    expect(sha256Of(result.path)).toBe(contentSha256(1, 8 * MIB));
  });

  test('that is complete is not fetched again, unless it is forced or its file is gone', async () => {
    const { rekindle, server } = suite();
    const to = tempDir();
    const { path, url } = serve({ size: 1000 });
    const first = await (await rekindle.download({ url, to })).wait();
    const asked = server.requests.length;
    expect(await (await rekindle.download({ url, to })).wait()).toMatchObject({
      path: first.path,
      alreadyThere: true,
      bytesFetched: 0,
    });
    expect(server.requests).toHaveLength(asked);

    const forced = await (await rekindle.download({ url, to, force: true })).wait();
    expect(forced).toMatchObject({ alreadyThere: false, bytesFetched: 1000 });

    rmSync(first.path);
    const again = await (await rekindle.download({ url, to })).wait();
    expect(again).toMatchObject({ alreadyThere: false, bytesFetched: 1000 });
    expect(sha256Of(join(to, path.slice(1)))).toBe(contentSha256(1, 1000));
  });

  test('never replaces a file that somebody changed', async () => {
    const { rekindle } = suite();
    const to = tempDir();
    const { url } = serve({ size: 1000 });
    const { path } = await (await rekindle.download({ url, to })).wait();
    appendFileSync(path, 'my own words');
    const { failure } = await failed((await rekindle.download({ url, to })).wait());
    expect(failure).toMatchObject({ errorType: 'TARGET_EXISTS', category: 'unrecoverable_business' });
    expect(readFileSync(path, 'utf8')).toContain('my own words');
    expect(filesIn(to).unfinished).toEqual([]);
  });
});

describe('a pause', () => {
  test('is there within 2 s, keeps what was received, and nothing of it is fetched again', async () => {
    const { server } = suite();
    const { task, to, path } = await underWay();
    const asked = performance.now();
    expect(await task.pause()).toMatchObject({ status: 'paused', step: 'transfer' });
    expect(performance.now() - asked).toBeLessThan(PAUSE_LIMIT_MS);
    const { view } = await task.show();
    expect(view.status).toBe('paused');
    expect(Number(view.checkpoint?.data.downloaded_bytes)).toBeGreaterThan(0);
    expect(filesIn(to).unfinished).not.toEqual([]);

    server.serve(path, { size: SIZE });
    expect(await task.resume()).toMatchObject({ status: 'running' });
    const result = await task.wait();
    expect(result).toMatchObject({ bytes: SIZE, resumed: true });
    expect(sentOnce(server.bytesSent(path), SIZE)).toBe(true);
    expect(sha256Of(result.path)).toBe(contentSha256(1, SIZE));
  });

  test('is there within 2 s also when nothing moves', async () => {
    const { rekindle, server } = suite();
    const { url, path } = serve({ size: SIZE, stallAfter: 1000 });
    const task = await rekindle.download({ url, to: tempDir() });
    await server.until(() => server.bytesSent(path) > 1000);
    const asked = performance.now();
    expect(await task.pause()).toMatchObject({ status: 'paused' });
    expect(performance.now() - asked).toBeLessThan(PAUSE_LIMIT_MS);
    await task.cancel();
  });

  test('is there at once while a step waits for its next attempt', async () => {
    const { rekindle } = suite();
    const busy = { status: 503, times: 1000, headers: { 'retry-after': '3600' } };
    const { url } = serve({ size: SIZE, refuse: busy });
    const task = await rekindle.download({ url, to: tempDir() });
    const { live } = await untilTask(task, (snapshot) => snapshot.live?.nextAttemptAtMs != null);
    expect(live).toMatchObject({ step: 'probe', attempt: 2, lastFailure: expect.stringContaining('503') });
    expect(Number(live?.nextAttemptAtMs) - Date.now()).toBeGreaterThan(3_500_000);
    const asked = performance.now();
    await task.pause();
    expect(performance.now() - asked).toBeLessThan(PAUSE_LIMIT_MS);
    await task.cancel();
  });
});

describe('a cancellation', () => {
  test('removes the unfinished file', async () => {
    const { task, to } = await underWay();
    expect(await task.cancel()).toMatchObject({
      status: 'failed',
      run_status: 'CANCELLED',
      last_error: { errorType: 'Cancelled' },
    });
    expect(filesIn(to).all).toEqual([]);
    expect((await failed(task.wait())).view.run_status).toBe('CANCELLED');
  });

  test('keeps it when asked to, and the next start goes on from there', async () => {
    const { rekindle, server } = suite();
    const { task, to, path, url } = await underWay();
    expect(await task.cancel({ keep: true })).toMatchObject({ run_status: 'CANCELLED' });
    expect(filesIn(to).unfinished).not.toEqual([]);
    server.serve(path, { size: SIZE });
    const result = await (await rekindle.download({ url, to })).wait();
    expect(result.resumed).toBe(true);
    expect(sentOnce(server.bytesSent(path), SIZE)).toBe(true);
  });

  test('of a paused download removes it too', async () => {
    const { task, to } = await underWay();
    await task.pause();
    await task.cancel();
    expect(filesIn(to).all).toEqual([]);
  });
});

describe('lists and counts', () => {
  test('are of each task once, and can be narrowed', async () => {
    const { rekindle } = suite();
    const to = tempDir();
    const { url } = serve({ size: 1000 });
    const done = await rekindle.download({ url, to });
    await done.wait();
    await (await rekindle.download({ url, to })).wait();
    const { task: paused } = await underWay();
    await paused.pause();
    const bad = await rekindle.download({
      url: serve({ size: 1, refuse: { status: 404, times: 99 } }).url,
      to,
    });
    await failed(bad.wait());

    const ids = async (filter?: Parameters<RekindleClient['list']>[0]) => {
      const views = await rekindle.list(filter);
      return views.map((view) => view.task_id);
    };
    await expect.poll(() => ids({ status: 'completed' })).toContain(done.taskId);
    await expect.poll(() => ids({ status: 'paused' })).toEqual([paused.taskId]);
    await expect.poll(() => ids({ status: 'failed' })).toContain(bad.taskId);
    const all = await ids();
    expect(new Set(all).size).toBe(all.length);
    expect(await ids({ type: 'login' })).toEqual([]);
    expect(await ids({ type: "o'clock" })).toEqual([]);
    expect(await ids({ limit: 2 })).toHaveLength(2);
    expect(await ids({ olderThanMs: 3_600_000 })).toEqual([]);
    expect(await ids({ olderThanMs: 0 })).toEqual(all);

    const counts = await rekindle.statistics();
    expect(counts.total).toBe(all.length);
    expect(counts.by_type).toEqual({ video_download: all.length });
    expect(counts.by_status.paused).toBe(1);
    expect(counts.resumable_count).toBeGreaterThanOrEqual(1);
    await paused.cancel();
  });
});

describe('watching', () => {
  test('ends with the end of the task, which it shows', async () => {
    const { rekindle } = suite();
    const { url } = serve({ size: MIB, bytesPerSecond: 2 * MIB });
    const task = await rekindle.download({ url, to: tempDir() });
    const seen: TaskSnapshot[] = [];
    for await (const snapshot of task.watch({ intervalMs: 20 })) seen.push(snapshot);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)?.view).toMatchObject({ status: 'completed', progress: 100 });
    const bytes = seen.flatMap(({ live }) => live?.downloadedBytes ?? []);
    expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
  });

  test('shows the end at once, however long the time between two looks', async () => {
    const { rekindle } = suite();
    const { url } = serve({ size: MIB, bytesPerSecond: 2 * MIB });
    const task = await rekindle.download({ url, to: tempDir() });
    const statuses: string[] = [];
    for await (const { view } of task.watch({ intervalMs: 3_600_000 })) statuses.push(view.status);
    expect(statuses.at(-1)).toBe('completed');
  });

  test('can be given up', async () => {
    const { task } = await underWay();
    const leaving = new AbortController();
    const watching = (async () => {
      for await (const _ of task.watch({ signal: leaving.signal, intervalMs: 3_600_000 })) leaving.abort();
    })();
    await expect(watching).rejects.toThrow(/abort/i);
    await task.cancel();
  });
});

describe('what cannot be done is refused with a reason', () => {
  test('a task that is not there', async () => {
    const task = suite().rekindle.task('nobody');
    const refusal = { code: 'TASK_NOT_FOUND', message: 'there is no task nobody' };
    await expect(task.show()).rejects.toMatchObject(refusal);
    await expect(task.wait()).rejects.toMatchObject(refusal);
    await expect(task.pause()).rejects.toMatchObject(refusal);
    await expect(task.cancel()).rejects.toMatchObject(refusal);
    await expect(task.watch().next()).rejects.toMatchObject(refusal);
  });

  test('to pause, resume or cancel what has ended', async () => {
    const { rekindle } = suite();
    const task = await rekindle.download({ url: serve({ size: 10 }).url, to: tempDir() });
    await task.wait();
    const refusal = { code: 'TASK_STATE', message: expect.stringContaining('is completed') };
    await expect(task.pause()).rejects.toMatchObject(refusal);
    await expect(task.resume()).rejects.toMatchObject(refusal);
    await expect(task.cancel()).rejects.toMatchObject(refusal);
  });

  test('an engine that does not run', async () => {
    const dataDir = tempDir();
    await expect(RekindleClient.connect({ dataDir })).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(existsSync(join(dataDir, 'engine'))).toBe(false);
  });

  test('a request that makes no sense, before anything is started', async () => {
    const { rekindle } = suite();
    await expect(rekindle.download({ url: 'ftp://host/x' })).rejects.toMatchObject({ code: 'INVALID_URL' });
    await expect(
      rekindle.download({ url: 'http://host/x', name: '../x', connections: 0 }),
    ).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/name: must be a plain file name.*connections/),
    });
  });
});

test('an answer to a login before there is any session says that there is none', async () => {
  const answering = suite().rekindle.answerLogin({ site: 'school', account: 'default' }, '123456');
  await expect(answering).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
});
