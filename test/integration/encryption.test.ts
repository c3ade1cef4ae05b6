/** Encryption on a real engine: what Temporal sees, and that everything works as without. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RekindleClient } from '../../src/client/rekindle-client.ts';
import type { Config } from '../../src/config.ts';
import { connect } from '../../src/engine/connect.ts';
import { dataConverterOf } from '../../src/engine/data-converter.ts';
import { bundleFor, loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { getTask, MirrorKeeper, projectOnce, taskStatistics } from '../../src/mirror/index.ts';
import { Secret } from '../../src/secrets/secret.ts';
import type { OnUnreadable, UnreadableRun } from '../../src/tasks/list-runs.ts';
import { recoverTask } from '../../src/tasks/recover-task.ts';
import { UnreadableTasks } from '../../src/tasks/unreadable-tasks.ts';
import { VisibilitySource } from '../../src/tasks/visibility-source.ts';
import { MIB, QUICK_RETRIES, untilTask } from '../support/downloads.ts';
import { suiteRekindle } from '../support/rekindle.ts';
import { tempDir } from '../support/temp-dir.ts';

const key = (id: string) => ({ id, key: new Secret(randomBytes(32).toString('hex')) });
const [first, second] = [key('first'), key('second')];
const withKeys = (keys: readonly ReturnType<typeof key>[]): Pick<Config, 'encryption'> => ({
  encryption: {
    keys,
    acceptPlain: true,
    codecServer: { host: '127.0.0.1', port: 1, token: null, origins: [] },
  },
});
const suite = suiteRekindle({ ...QUICK_RETRIES, ...withKeys([first]) });

/** A client of the same engine with another configuration. */
async function clientWith(changes: Pick<Config, 'encryption'>) {
  const config = { ...suite().config, ...changes };
  const connected = await connect(config, suite().engine);
  onTestFinished(() => connected.close());
  return { client: connected.client, rekindle: new RekindleClient(connected.client, config) };
}

async function rawHistory(workflowId: string) {
  const { client } = suite().connected;
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 1000,
  });
  return history?.events ?? [];
}

/** How the payloads below a value are encoded; search attributes, which are never encrypted, are left out. */
function encodingsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const { metadata } = value as { metadata?: { encoding?: Uint8Array } };
  if (metadata?.encoding instanceof Uint8Array) return [Buffer.from(metadata.encoding).toString()];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'searchAttributes' ? [] : encodingsIn(inner),
  );
}

function messagesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const own = 'failure' in value ? (value.failure as { message?: string } | null)?.message : undefined;
  return [...(own ? [own] : []), ...Object.values(value).flatMap(messagesIn)];
}

const TOKEN = 'planted-query-token';
let count = 0;
function serve(behaviour: Parameters<ReturnType<typeof suite>['server']['serve']>[1]): string {
  return `${suite().server.serve(`/encrypted-${count++}.mp4`, behaviour)}?token=${TOKEN}`;
}

describe('with encryption', () => {
  test('Temporal sees nothing of a task but names, and the task is done as ever', async () => {
    const { rekindle } = suite();
    const url = serve({ size: 8 * MIB, bytesPerSecond: 4 * MIB, cutAfter: MIB, troubles: 2 });
    const task = await rekindle.download({ url, to: tempDir(), connections: 1 });
    // Heartbeats are read, too.
    await untilTask(task, ({ live }) => (live?.downloadedBytes ?? 0) > 0);
    expect(await task.wait()).toMatchObject({ bytes: 8 * MIB });
    expect((await rekindle.list({ limit: 1 }))[0]).toMatchObject({
      task_id: task.taskId,
      status: 'completed',
    });
    const events = await rawHistory(task.taskId);
    const encodings = encodingsIn(events);
    expect(encodings.length).toBeGreaterThan(20);
    expect(new Set(encodings)).toEqual(new Set(['binary/encrypted', 'binary/null']));
    expect(Buffer.from(JSON.stringify(events)).toString()).not.toContain(TOKEN);
  });

  test('failures are encrypted, understood, mirrored and recovered', async () => {
    const { rekindle, server, connected } = suite();
    const url = serve({ size: 1000, refuse: { status: 404, times: 99 } });
    const task = await rekindle.download({ url, to: tempDir() });
    await expect(task.wait()).rejects.toThrow(/404/);
    const events = await rawHistory(task.taskId);
    expect(messagesIn(events).length).toBeGreaterThan(1);
    expect(new Set(messagesIn(events))).toEqual(new Set(['Encoded failure']));
    expect(new Set(encodingsIn(events))).toEqual(new Set(['binary/encrypted', 'binary/null']));
    const mirror = new MirrorKeeper(`${tempDir()}/recovery.db`);
    onTestFinished(() => mirror.close());
    await expect
      .poll(
        async () => {
          await projectOnce(mirror, new VisibilitySource(connected.client));
          return taskStatistics(mirror.get()).by_status.failed;
        },
        { timeout: 10_000 },
      )
      .toBe(1);
    server.serve(new URL(url).pathname, { size: 1000 });
    await recoverTask(connected.client, task.taskId, { force: true });
    expect(await task.wait()).toMatchObject({ bytes: 1000 });
  });

  test('tasks from before it was switched on go on', async () => {
    const { server } = suite();
    const before = await clientWith({ encryption: null });
    const url = serve({ size: 1000, refuse: { status: 404, times: 99 } });
    const old = await before.rekindle.download({ url, to: tempDir() });
    const task = suite().rekindle.task(old.taskId);
    await expect(task.wait()).rejects.toThrow(/404/);
    server.serve(new URL(url).pathname, { size: 1000 });
    await recoverTask(suite().connected.client, task.taskId, { force: true });
    expect(await task.wait()).toMatchObject({ bytes: 1000 });
  });

  test('histories are replayed, also under another name', async () => {
    const { client } = suite().connected;
    const task = await suite().rekindle.download({ url: serve({ size: 1000 }), to: tempDir() });
    await task.wait();
    const history = await client.workflow.getHandle(task.taskId).fetchHistory();
    const replay = async (workflowId: string, anyWorkflow: boolean) => {
      const dataConverter = await dataConverterOf(suite().config, { anyWorkflow });
      const workflowBundle = await loadWorkflowBundle(bundleFor(suite().config));
      await Worker.runReplayHistory({ workflowBundle, dataConverter }, history, workflowId);
    };
    await replay(task.taskId, false);
    await replay('another-name', true);
    await expect(replay('another-name', false)).rejects.toThrow();
  });

  test('keys are rotated while tasks run, and one that is missing is named', async () => {
    const rotated = await clientWith(withKeys([first, second]));
    const task = await rotated.rekindle.download({ url: serve({ size: 1000 }), to: tempDir() });
    await task.wait();
    const nobody = await clientWith({ encryption: null });
    await expect(nobody.rekindle.task(task.taskId).show()).rejects.toThrow(
      /with the key "first", which is not/,
    );
    const stranger = await clientWith(withKeys([second]));
    await expect(stranger.rekindle.task(task.taskId).show()).rejects.toMatchObject({
      code: 'PAYLOAD_UNREADABLE',
      message: 'a payload of Temporal is encrypted with the key "first", which is not configured',
    });
  });

  test('a task whose key is gone hides no other, from lists and from the mirror', async () => {
    const lost = await suite().rekindle.download({ url: serve({ size: 1000 }), to: tempDir() });
    await lost.wait();
    const stranger = await clientWith(withKeys([second]));
    const { client } = stranger;
    const workflowId = 'readable-by-the-stranger';
    await client.workflow.start('nobodyDoesThis', {
      workflowId,
      taskQueue: 'nobody',
      memo: { taskType: 'video_download', status: 'pending' },
      searchAttributes: { TaskType: ['video_download'], TaskUpdatedAt: [new Date()] },
    });
    onTestFinished(async () => void (await client.workflow.getHandle(workflowId).terminate()));
    const unreadable: UnreadableRun[] = [];
    const onUnreadable: OnUnreadable = (run) => unreadable.push(run);
    const listed = async () => (await stranger.rekindle.list({ onUnreadable })).map(({ task_id }) => task_id);
    await expect.poll(listed, { timeout: 10_000 }).toEqual([workflowId]);
    expect(unreadable.find(({ taskId }) => taskId === lost.taskId)).toMatchObject({
      keyId: 'first',
      error: { code: 'PAYLOAD_UNREADABLE' },
    });
    expect((await stranger.rekindle.statistics(() => {})).total).toBe(1);
    const left = new UnreadableTasks();
    const mirror = new MirrorKeeper(join(tempDir(), 'recovery.db'));
    onTestFinished(() => mirror.close());
    await projectOnce(mirror, new VisibilitySource(client, left.note));
    expect(mirror.use((m) => getTask(m, workflowId))).toMatchObject({ status: 'pending' });
    expect(mirror.use((m) => getTask(m, lost.taskId))).toBeUndefined();
    expect(left.warning).toMatch(/^left out because they cannot be read: .+ \(encrypted with "first"\): /);
  });

  test('what was encrypted for one workflow is not taken by another', async () => {
    const { client } = suite().connected;
    const task = await suite().rekindle.download({ url: serve({ size: 1000 }), to: tempDir() });
    await task.wait();
    const [started] = await rawHistory(task.taskId);
    const attributes = started?.workflowExecutionStartedEventAttributes;
    const workflowId = 'copied';
    await client.workflowService.startWorkflowExecution({
      namespace: client.options.namespace,
      workflowId,
      requestId: workflowId,
      workflowType: { name: 'videoDownload' },
      taskQueue: { name: suite().config.taskQueue },
      input: { payloads: attributes?.input?.payloads ?? [] },
    });
    onTestFinished(async () => void (await client.workflow.getHandle(workflowId).terminate()));
    const failed = async () =>
      (await rawHistory(workflowId)).some((event) => event.workflowTaskFailedEventAttributes);
    await expect.poll(failed, { timeout: 15_000 }).toBe(true);
    expect((await rawHistory(workflowId)).some((event) => event.activityTaskScheduledEventAttributes)).toBe(
      false,
    );
  });
});
