/** Recovery by hand of many failed tasks, from the client library and the command line, on a real engine. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RekindleClient } from '../../src/client/rekindle-client.ts';
import type { Config } from '../../src/config.ts';
import { nativeConnectionOptions } from '../../src/engine/connect.ts';
import { fingerprintOf } from '../../src/report/index.ts';
import { json, rekindle as run } from '../cli/support/cli.ts';
import {
  type Ending,
  FAILING_QUEUE,
  type FailingOptions,
  failingBundle,
  says,
  startFailing,
} from '../support/failing-tasks/index.ts';
import { suiteRekindle } from '../support/rekindle.ts';
import { tempDir } from '../support/temp-dir.ts';

const at = suiteRekindle();
const client = () => at().connected.client;
const rekindle = () => at().rekindle;

let stop: (() => Promise<void>) | undefined;
beforeAll(async () => {
  const connection = await NativeConnection.connect(nativeConnectionOptions(at().connected));
  const worker = await Worker.create({
    connection,
    taskQueue: FAILING_QUEUE,
    workflowBundle: await failingBundle(),
  });
  const running = worker.run();
  stop = async () => {
    worker.shutdown();
    await running;
    await connection.close();
  };
});
afterAll(async () => stop?.());

/** A task type of a test's own: other tests' failures are none of its business. */
const newType = () => `type-${randomUUID()}`;

/** Tasks that have failed so, each with its own ID. Further runs complete, unless a test wants something else. */
async function failed(taskType: string, endings: readonly Ending[], options: FailingOptions = {}) {
  const taskIds = endings.map(() => randomUUID());
  for (const [i, taskId] of taskIds.entries()) {
    const more = { taskType, afterwards: { kind: 'completes' } as const, ...options };
    await startFailing(client(), taskId, endings[i] as Ending, more);
    await client()
      .workflow.getHandle(taskId)
      .result()
      .catch(() => undefined);
  }
  await listed(taskType, (failures.get(taskType) ?? 0) + taskIds.length);
  return taskIds;
}

/** Failed runs by task type, as far as lists were waited for. */
const failures = new Map<string, number>();

/** Lists show an end a moment after it. */
async function listed(taskType: string, count: number): Promise<void> {
  const query = `TaskType = '${taskType}' AND ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')`;
  await expect.poll(async () => (await client().workflow.count(query)).count).toBe(count);
  failures.set(taskType, count);
}

const runs = async (taskId: string) => (await rekindle().task(taskId).show()).view.run_id;
const idsOf = (all: readonly { readonly taskId: string }[]) => all.map(({ taskId }) => taskId).sort();
const network = says('recoverable_network');
const data = says('unrecoverable_data');

describe('the tasks that are meant', () => {
  test('are those of a category and a type; each waits as its category says', async () => {
    const type = newType();
    const [a = '', b = '', c = ''] = await failed(type, [network, network, says('recoverable_system')]);
    await failed(newType(), [network]);
    const { recoveries, problems } = await rekindle().recoverMany({ type, category: 'recoverable_network' });
    expect(problems).toEqual([]);
    expect(idsOf(recoveries)).toEqual([a, b].sort());
    for (const one of recoveries) {
      expect(one).toMatchObject({
        delayMs: 30_000,
        attempt: 1,
        fromStep: null,
        strategy: 'recoverable_network',
      });
      expect(await runs(one.taskId)).toBe(one.runId);
      const { view } = await rekindle().task(one.taskId).show();
      expect(view).toMatchObject({ status: 'recovering', recovery_attempts: 1 });
    }
    expect((await rekindle().task(c).show()).view).toMatchObject({ status: 'failed', recovery_attempts: 0 });
  });

  test('are the same in a preview, which starts nothing', async () => {
    const type = newType();
    const timestamp = new Date().toISOString();
    const checkpoint = { step: 'second', step_index: 1, data: {}, timestamp };
    const [a = ''] = await failed(type, [network], { checkpoint });
    const before = await runs(a);
    const preview = await rekindle().previewRecoveries({ type });
    expect(preview).toMatchObject({
      recoveries: [{ taskId: a, delayMs: 30_000, attempt: 1, fromStep: 'second', runId: null }],
      problems: [],
    });
    expect(await runs(a)).toBe(before);
    const [done] = (await rekindle().recoverMany({ type })).recoveries;
    expect(done).toEqual({ ...preview.recoveries[0], runId: expect.any(String) });
  });

  test('of a fingerprint are those that said it, and those that it is computed for', async () => {
    const type = newType();
    const message = (n: number) => `connect ECONNREFUSED 10.0.0.${n}:80${n}`;
    const { fingerprint } = fingerprintOf(message(1));
    const said = says('recoverable_network', { message: message(1), fingerprint });
    const silent = { kind: 'silent', message: message(2) } as const;
    const ids = await failed(type, [
      said,
      silent,
      says('recoverable_network', { message: 'something else' }),
    ]);
    const { recoveries } = await rekindle().recoverMany({ type, fingerprint });
    expect(idsOf(recoveries)).toEqual(ids.slice(0, 2).sort());
    expect(recoveries.map(({ category }) => category)).toEqual(Array(2).fill('recoverable_network'));
  });

  test('of a category are also those that never said it', async () => {
    const type = newType();
    const ids = await failed(type, [{ kind: 'silent', message: 'ENOSPC: no space left on device' }, network]);
    const { recoveries } = await rekindle().recoverMany({ type, category: 'recoverable_system' });
    expect(recoveries).toMatchObject([{ taskId: ids[0], delayMs: 300_000 }]);
  });

  test('since a time are those that failed after it', async () => {
    const type = newType();
    await failed(type, [network]);
    const sinceMs = Date.now();
    const [late = ''] = await failed(type, [network]);
    const chosen = await rekindle().previewRecoveries({ type, sinceMs });
    expect(idsOf(chosen.recoveries)).toEqual([late]);
  });

  test('are at most as many as asked for, the last failed first', async () => {
    const type = newType();
    const ids = await failed(type, [network, network, network]);
    const { recoveries } = await rekindle().previewRecoveries({ type, limit: 2 });
    expect(recoveries.map(({ taskId }) => taskId)).toEqual([ids[2], ids[1]]);
  });

  test('are not those that have run again since', async () => {
    const type = newType();
    const [a = ''] = await failed(type, [network], { afterwards: data });
    await rekindle().task(a).recover({ force: true });
    await rekindle()
      .task(a)
      .wait()
      .catch(() => undefined);
    await listed(type, 2);
    expect(await rekindle().previewRecoveries({ type, category: 'recoverable_network' })).toEqual({
      recoveries: [],
      problems: [],
    });
    const { problems } = await rekindle().previewRecoveries({ type });
    expect(problems).toMatchObject([{ taskId: a, category: 'unrecoverable_data', code: 'TASK_STATE' }]);
  });

  test('are started once although they fail again at once', async () => {
    const type = newType();
    const ids = await failed(type, [network, { kind: 'silent', message: 'read ECONNRESET' }], {
      afterwards: { kind: 'silent', message: 'read ECONNRESET' },
    });
    const { recoveries } = await rekindle().recoverMany(
      { type, category: 'recoverable_network' },
      { force: true },
    );
    expect(idsOf(recoveries)).toEqual([...ids].sort());
    expect(recoveries.map(({ strategy, delayMs }) => [strategy, delayMs])).toEqual(
      Array(2).fill(['forced', 0]),
    );
    await listed(type, 4);
  });

  test('are many pages of them', async () => {
    const type = newType();
    const ids = Array.from({ length: 230 }, () => randomUUID());
    await Promise.all(ids.map((taskId) => startFailing(client(), taskId, network, { taskType: type })));
    await expect
      .poll(
        async () =>
          (await client().workflow.count(`TaskType = '${type}' AND ExecutionStatus = 'Failed'`)).count,
        { timeout: 30_000 },
      )
      .toBe(ids.length);
    const { recoveries, problems } = await rekindle().recoverMany({ type });
    expect([idsOf(recoveries), problems]).toEqual([[...ids].sort(), []]);
  }, 60_000);
});

test('what cannot be recovered is told one by one, and hinders no other', async () => {
  const type = newType();
  const [good = '', bad = ''] = await failed(type, [network, data]);
  const [usedUp = ''] = await failed(type, [network], { recoveryAttempts: 5 });
  const waits = randomUUID();
  await startFailing(client(), waits, { kind: 'waits' });
  const done = randomUUID();
  await startFailing(client(), done, { kind: 'completes' });
  await client().workflow.getHandle(done).result();
  const taskIds = [bad, 'never-was', waits, good, done, usedUp, good];
  const { recoveries, problems } = await rekindle().recoverMany({ taskIds });
  expect(idsOf(recoveries)).toEqual([good]);
  expect(Object.fromEntries(problems.map(({ taskId, code }) => [taskId, code]))).toEqual({
    [bad]: 'TASK_STATE',
    'never-was': 'TASK_NOT_FOUND',
    [waits]: 'TASK_STATE',
    [done]: 'TASK_STATE',
    [usedUp]: 'TASK_STATE',
  });
  const whyOf = (id: string) => problems.find(({ taskId }) => taskId === id)?.message;
  expect(whyOf(bad)).toContain('another run would meet again');
  expect(whyOf(usedUp)).toContain('the most that is allowed');
  expect(whyOf(waits)).toContain('is running');
  const forced = await rekindle().recoverMany({ taskIds: [bad, usedUp] }, { force: true });
  expect(idsOf(forced.recoveries)).toEqual([bad, usedUp].sort());
  await client().workflow.getHandle(waits).terminate();
});

test('named tasks have to be what the filter says, too', async () => {
  const type = newType();
  const [a = '', b = ''] = await failed(type, [network, data]);
  const { recoveries, problems } = await rekindle().previewRecoveries({
    taskIds: [a, b],
    category: 'recoverable_network',
  });
  expect([idsOf(recoveries), problems]).toEqual([[a], []]);
  expect(await rekindle().previewRecoveries({ taskIds: [a], type: 'another' })).toEqual({
    recoveries: [],
    problems: [],
  });
});

test('a filter that chooses nothing is refused, as is a start from two places', async () => {
  for (const filter of [{}, { limit: 3 }])
    await expect(rekindle().recoverMany(filter)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(
    rekindle().recoverMany({ type: 'any' }, { fromStart: true, fromStep: 'second' }),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

describe('the configuration counts', () => {
  const withConfig = (failure: Partial<Config['failure']>, extensions: readonly string[] = []) => {
    const { config } = at();
    return new RekindleClient(client(), {
      ...config,
      extensions,
      failure: { ...config.failure, ...failure },
    });
  };

  test('with rules, limits and strategies of its own', async () => {
    const type = newType();
    const [a = '', b = ''] = await failed(type, [network, says('recoverable_courier')]);
    const own = withConfig({
      categories: {
        recoverable_courier: { delaysMs: [7000], maxAttempts: 1, audience: 'administrators' },
      },
      strategies: { [type]: { delay: 12, strategy: 'by type', max_attempts: 9 } },
    });
    const { recoveries } = await own.previewRecoveries({ type });
    expect(recoveries.map(({ strategy, delayMs }) => [strategy, delayMs])).toEqual(
      Array(2).fill(['by type', 12_000]),
    );
    const rules = withConfig({
      categories: {
        recoverable_courier: { delaysMs: [7000], maxAttempts: 1, audience: 'administrators' },
      },
    });
    expect(await rules.task(b).recover()).toMatchObject({ delayMs: 7000, attempt: 1 });
    const none = withConfig({ maxRecoveryAttempts: 0 });
    await expect(none.task(a).recover()).rejects.toMatchObject({ code: 'TASK_STATE' });
  });

  test('with strategies in code, of which one that throws hinders only its own tasks', async () => {
    const [one, two] = [newType(), newType()];
    const module = join(tempDir('extension'), 'extension.mjs');
    writeFileSync(
      module,
      `export default { strategies: {
         '${one}': ({ recoveryAttempts: n }) => ({ delay: 100 * 2 ** n, strategy: 'doubling', max_attempts: 5 }),
         '${two}': () => { throw new Error('no idea'); } } };`,
    );
    const own = withConfig({}, [module]);
    const [a = ''] = await failed(one, [network], { recoveryAttempts: 2 });
    const [b = ''] = await failed(two, [network]);
    const { recoveries, problems } = await own.recoverMany({ taskIds: [a, b] });
    expect(recoveries).toMatchObject([{ taskId: a, strategy: 'doubling', delayMs: 400_000, attempt: 3 }]);
    expect(problems).toMatchObject([
      { taskId: b, code: null, message: 'no idea', category: 'recoverable_network' },
    ]);
  });
});

describe('rekindle recover', () => {
  const dataDir = () => at().config.dataDir;
  const args = (...more: string[]) => ['recover', ...more, '--data-dir', dataDir()];

  test('without tasks and without a choice says how it is used', async () => {
    const result = await run(args());
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('--category');
    expect((await run(args('--limit', '3', '--force'))).code).toBe(2);
    expect((await run(args('--since', 'yesterday'))).code).toBe(2);
    expect((await run(args('--type', 'x', '--limit', '0'))).code).toBe(2);
  });

  test('of one task gives the object that it always gave', async () => {
    const [a = ''] = await failed(newType(), [network]);
    expect(await json(args(a))).toEqual({
      task_id: a,
      run_id: await runs(a),
      recovery_attempts: 1,
      retry_delay: 30,
      from_step: null,
    });
    expect((await run(args(a))).code).toBe(5);
    expect((await run(args('never-was'))).code).toBe(3);
  });

  test('shows with --dry-run what would start again and what is refused, and starts nothing', async () => {
    const type = newType();
    const [a = '', b = ''] = await failed(type, [network, data]);
    const before = await runs(a);
    const object = await json(args('--type', type, '--since', '1h', '--dry-run'), 1);
    expect(object).toEqual({
      dry_run: true,
      recoveries: [
        {
          task_id: a,
          task_type: type,
          category: 'recoverable_network',
          fingerprint: fingerprintOf('it failed with recoverable_network').fingerprint,
          message: 'it failed with recoverable_network',
          run_id: null,
          recovery_attempts: 1,
          retry_delay: 30,
          strategy: 'recoverable_network',
          from_step: null,
        },
      ],
      problems: [
        {
          task_id: b,
          task_type: type,
          category: 'unrecoverable_data',
          code: 'TASK_STATE',
          message: expect.stringContaining('cannot be recovered'),
          hint: expect.stringContaining('--force'),
        },
      ],
    });
    expect(await runs(a)).toBe(before);
    const people = await run(args('--type', type, '--dry-run'));
    expect(people.stdout).toContain('1 would start again');
    expect(people.stdout).toMatch(new RegExp(`${a} .*recoverable_network +1 +30 s +start`));
    expect(people.stdout).toContain(`✗ ${b}: `);
    const chinese = await run([...args('--type', type, '--dry-run'), '--locale', 'zh-CN']);
    expect(chinese.stdout).toContain('将重试 1 个任务');
  });

  test('starts what was chosen; several named tasks of which one is unknown end with 1', async () => {
    const type = newType();
    const ids = await failed(type, [network, says('recoverable_temporary')]);
    const object = await json(args(...ids, 'never-was'), 1);
    expect(object).toMatchObject({
      dry_run: false,
      problems: [{ task_id: 'never-was', code: 'TASK_NOT_FOUND' }],
    });
    const delays = object.recoveries.map((one: { task_id: string; retry_delay: number }) => [
      one.task_id,
      one.retry_delay,
    ]);
    expect(delays).toEqual([
      [ids[0], 30],
      [ids[1], 180],
    ]);
    for (const one of object.recoveries) expect(await runs(one.task_id)).toBe(one.run_id);
    const nothing = await run(args('--type', newType()));
    expect([nothing.code, nothing.stdout]).toEqual([0, 'no failed task is meant\n']);
  });

  test('starts a download that cannot be found from a step of the operator’s choice', async () => {
    const { server } = at();
    const url = `http://127.0.0.1:${server.port}/not-there-${randomUUID()}.bin`;
    const task = await rekindle().download({ url, to: tempDir('download') });
    await task.wait().catch(() => undefined);
    expect((await run(args(task.taskId, '--force', '--from-step', 'nonsense'))).code).toBe(2);
    expect((await run(args(task.taskId, '--force', '--from-step', 'publish'))).code).toBe(5);
    expect(await json(args(task.taskId, '--force', '--from-step', 'probe'))).toMatchObject({
      from_step: 'probe',
      retry_delay: 0,
    });
    const both = args(task.taskId, '--force', '--from-step', 'probe', '--from-start');
    await task.wait().catch(() => undefined);
    expect((await run(both)).code).toBe(2);
  });
});
