import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  checkMirror,
  getRecoveryHistory,
  getTask,
  listFailures,
  MirrorKeeper,
  runProjector,
  targetCounts,
  taskStatistics,
} from '../../src/mirror/index.ts';
import { recoverTask } from '../../src/tasks/recover-task.ts';
import { VisibilitySource } from '../../src/tasks/visibility-source.ts';
import { MIB, QUICK_RETRIES, untilTask } from '../support/downloads.ts';
import { suiteRekindle } from '../support/rekindle.ts';
import { tempDir } from '../support/temp-dir.ts';

const suite = suiteRekindle(QUICK_RETRIES);
const path = () => join(suite().config.dataDir, 'mirror', 'recovery.db');
const ending = new AbortController();
const problems: unknown[] = [];
let mirror: MirrorKeeper;
let projecting: Promise<void>;

beforeAll(() => {
  mirror = new MirrorKeeper(path());
  projecting = runProjector({
    mirror,
    source: new VisibilitySource(suite().connected.client),
    signal: ending.signal,
    intervalMs: 100,
    onProblem: (error) => problems.push(error),
  });
});
afterAll(async () => {
  ending.abort();
  await projecting;
  mirror.close();
});

/** Whether the mirror shows all of Temporal as it is; what is wrong otherwise. */
async function inStep() {
  const source = new VisibilitySource(suite().connected.client);
  const { ok, missing, stale, integrity } = await checkMirror(mirror.get(), source, { settleMs: 0 });
  return ok ? 'in step' : { missing, stale, integrity };
}

const untilInStep = () => expect.poll(inStep, { timeout: 10_000 }).toBe('in step');

let count = 0;
async function download(behaviour: Parameters<ReturnType<typeof suite>['server']['serve']>[1]) {
  const { rekindle, server } = suite();
  count += 1;
  const url = server.serve(`/mirrored-${count}.mp4`, behaviour);
  return rekindle.download({ url, to: tempDir() });
}

const SLOW = { size: 16 * MIB, bytesPerSecond: MIB / 4 };
const refused = { size: 1, refuse: { status: 404, times: 99 } };

describe('the mirror', () => {
  test('equals Temporal after tasks of every end', async () => {
    const cancelled = await download(SLOW);
    const paused = await download(SLOW);
    onTestFinished(async () => void (await paused.cancel()));
    const tasks = await Promise.all([
      ...Array.from({ length: 6 }, () => download({ size: 10_000 })),
      download(refused),
    ]);
    await untilTask(paused, ({ live }) => (live?.downloadedBytes ?? 0) > 0);
    await paused.pause();
    await cancelled.cancel();
    await Promise.allSettled(tasks.map((task) => task.wait()));
    await untilInStep();
    const counts = taskStatistics(mirror.get());
    expect(counts).toEqual(await suite().rekindle.statistics());
    expect(counts.by_status).toMatchObject({ completed: 6, failed: 2, paused: 1 });
    expect(getTask(mirror.get(), paused.taskId)).toMatchObject({ status: 'paused' });
    expect(problems).toEqual([]);
  });

  test('shows a task as its latest run has it', async () => {
    const { rekindle, server } = suite();
    const to = tempDir();
    const url = server.serve('/again.mp4', refused);
    const first = await rekindle.download({ url, to });
    await first.wait().catch(() => undefined);
    await expect.poll(() => getTask(mirror.get(), first.taskId)?.status, { timeout: 10_000 }).toBe('failed');
    server.serve('/again.mp4', { size: 1000 });
    await (await rekindle.download({ url, to })).wait();
    await expect
      .poll(() => getTask(mirror.get(), first.taskId)?.status, { timeout: 10_000 })
      .toBe('completed');
    await untilInStep();
  });

  test('keeps a failure, and the recovery that made up for it', async () => {
    const { rekindle, server, connected } = suite();
    const to = { size: 8 * MIB, refuse: { status: 503, times: 99 } };
    const behaviour = { size: 8 * MIB, cutAfter: 2 * MIB, change: { afterRequests: 2, to } };
    const url = server.serve('/recovered.mp4', behaviour);
    const first = await rekindle.download({ url, to: tempDir() });
    await first.wait().catch(() => undefined);
    server.serve('/recovered.mp4', { size: 8 * MIB });
    const { runId } = await recoverTask(connected.client, first.taskId, { force: true });
    await connected.client.workflow.getHandle(first.taskId, runId).result();
    const history = () => getRecoveryHistory(mirror.get()).filter(({ task_id }) => task_id === first.taskId);
    await expect.poll(history, { timeout: 20_000 }).toMatchObject([
      {
        status: 'completed',
        details: { run_id: runId, attempt: 1, strategy: 'forced', from_step: 'transfer' },
      },
    ]);
    const failures = listFailures(mirror.get()).filter(({ task_id }) => task_id === first.taskId);
    expect(failures).toMatchObject([{ category: 'recoverable_temporary', step: 'transfer' }]);
    expect(failures[0]?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    const { resumes, retriedSteps } = targetCounts(mirror.get(), { sinceMs: 0, untilMs: Date.now() });
    expect(resumes).toMatchObject({ total: 1, good: 1, durations: { count: 1 } });
    expect(retriedSteps.total).toBeGreaterThanOrEqual(1);
    expect(problems).toEqual([]);
  });

  test('that is deleted while tasks run is made anew, and nothing is lost', async () => {
    const done = await download({ size: 1000 });
    await done.wait();
    const running = await download(SLOW);
    await untilTask(running, ({ live }) => (live?.downloadedBytes ?? 0) > 0);
    await untilInStep();
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path()}${suffix}`, { force: true });
    const later = await download({ size: 1000 });
    await later.wait();
    await expect.poll(() => existsSync(path())).toBe(true);
    await untilInStep();
    expect(getTask(mirror.get(), done.taskId)).toMatchObject({ status: 'completed' });
    expect(getTask(mirror.get(), later.taskId)).toMatchObject({ status: 'completed' });
    expect((await running.show()).view.run_status).toBe('RUNNING');
    await running.cancel();
    await untilInStep();
  });

  test('shows a run that an operator terminated as failed', async () => {
    const { rekindle } = suite();
    const task = await download(SLOW);
    await untilTask(task, ({ live }) => (live?.downloadedBytes ?? 0) > 0);
    await task.handle().terminate('enough');
    await expect.poll(() => getTask(mirror.get(), task.taskId)?.status, { timeout: 5000 }).toBe('failed');
    await untilInStep();
    const { view } = await task.show();
    expect(view).toMatchObject({
      status: 'failed',
      run_status: 'TERMINATED',
      last_error: { rule: 'run.TERMINATED', category: 'unknown' },
    });
    const failed = await rekindle.list({ status: 'failed' });
    expect(failed.map(({ task_id }) => task_id)).toContain(task.taskId);
  });
});
