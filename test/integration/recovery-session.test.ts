/** Recovery from a killed worker, with a real server and real downloads. */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { RekindleClient } from '../../src/client/rekindle-client.ts';
import { silentLogger } from '../../src/logger.ts';
import { RecoveryManager } from '../../src/supervisor/recovery-manager.ts';
import { startWorker } from '../../src/worker.ts';
import { startChild } from '../support/child.ts';
import { MIB } from '../support/downloads.ts';
import { suiteEngine } from '../support/engine.ts';
import { MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { untilStep } from './pending-step.ts';

const engine = suiteEngine();
let server: MisbehavingServer;
beforeAll(async () => {
  server = await MisbehavingServer.start();
});
afterAll(() => server.close());

const client = () => engine().connected.client;

/** Downloads that a worker was doing when it was killed. */
async function interrupted(count: number) {
  const { config } = engine();
  const child = startChild(new URL('./worker-child.ts', import.meta.url), [JSON.stringify(config)]);
  await child.next();
  const rekindle = new RekindleClient(client(), config);
  const tasks = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const url = server.serve(`/${count}-${n}.bin`, { size: 2 * MIB, seed: n + 1, bytesPerSecond: MIB / 2 });
      return await rekindle.download({ url, to: tempDir(), connections: 1 });
    }),
  );
  for (const { taskId } of tasks) await untilStep(client(), taskId, ({ beat }) => (beat?.progress ?? 0) > 0);
  await child.kill();
  return tasks;
}

const manager = () => new RecoveryManager({ dataDir: engine().config.dataDir, client: client() });

test('what a killed worker was doing goes on, is validated and named', { timeout: 60_000 }, async () => {
  const sinceMs = Date.now();
  const tasks = await interrupted(5);
  const killedMs = Date.now();
  const recovery = manager();
  expect(recovery.detectCrash()).toMatchObject({ crashed: true, cause: 'worker', deadWorkers: 1 });
  const worker = await startWorker(engine().config, engine().connected, 'service', silentLogger);
  onTestFinished(() => worker.stop());
  const { takenOver } = worker;
  const session = await recovery.recover({ takenOver, sinceMs: killedMs, takenOverAtMs: Date.now() });
  expect(session).toMatchObject({
    status: 'completed',
    validated: true,
    problems: [],
    dead_workers: 1,
    steps_taken_over: 5,
    recovered_count: 5,
  });
  const ids = tasks.map(({ taskId }) => taskId).sort();
  expect([...(session?.recovered_tasks ?? [])].sort()).toEqual(ids);
  expect(session?.seconds).toBeGreaterThan(0);
  expect(session?.seconds).toBeLessThan((Date.now() - sinceMs) / 1000);
  for (const task of tasks) expect(await task.wait()).toMatchObject({ retries: 0, bytes: 2 * MIB });
});

test('what does not go on is named, since no worker runs', { timeout: 60_000 }, async () => {
  const [task] = await interrupted(1);
  const session = await manager().recover({ timeoutMs: 1500, firstLookMs: 100 });
  expect(session).toMatchObject({
    status: 'failed',
    validated: false,
    steps_taken_over: 1,
    recovered_count: 0,
  });
  expect(session?.problems).toEqual([`${task?.taskId}: transfer waits for a worker`]);
  expect(session?.unfinished.task_ids).toContain(task?.taskId);
  await client()
    .workflow.getHandle(task?.taskId ?? '')
    .terminate();
});
