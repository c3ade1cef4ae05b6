/** The checkpoint of a task, in scripts and at the command line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { json, rekindle } from '../cli/support/cli.ts';
import { MIB, QUICK_RETRIES, sha256Of, untilTask } from '../support/downloads.ts';
import { contentSha256 } from '../support/misbehaving-server.ts';
import { suiteRekindle } from '../support/rekindle.ts';
import { tempDir } from '../support/temp-dir.ts';

const suite = suiteRekindle(QUICK_RETRIES);
const SIZE = 8 * MIB;
const STEPS = ['probe', 'reserve', 'transfer', 'verify', 'publish'];
const cli = (code: number, ...args: string[]) =>
  json(['task', 'checkpoint', ...args, '--data-dir', suite().config.dataDir], code);
const told = (...args: string[]) =>
  rekindle(['task', 'checkpoint', ...args, '--data-dir', suite().config.dataDir]);

let count = 0;
/** A download that got some of its bytes and then failed; its server is well again. */
async function interrupted() {
  count += 1;
  const { server, rekindle } = suite();
  const path = `/checkpoint-${count}.mp4`;
  const broken = { size: SIZE, refuse: { status: 410, times: 1000 } };
  const url = server.serve(path, { size: SIZE, cutAfter: MIB, change: { afterRequests: 6, to: broken } });
  const task = await rekindle.download({ url, to: tempDir(), connections: 1 });
  await task.wait().catch(() => undefined);
  server.serve(path, { size: SIZE });
  return task;
}

function file(content: unknown): string {
  const path = join(tempDir('checkpoint'), 'checkpoint.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('the checkpoint of a failed task', () => {
  test('is shown with its steps, and whether it can go on', async () => {
    const task = await interrupted();
    expect(await task.canResume()).toBe(true);
    const shown = await cli(0, 'show', task.taskId);
    expect(shown).toMatchObject({
      task_id: task.taskId,
      status: 'failed',
      can_resume: true,
      problems: [],
      steps: STEPS,
      checkpoint: { step: 'transfer', step_index: 2, data: { downloaded_bytes: expect.any(Number) } },
    });
    const people = await told('show', task.taskId);
    expect(people.code).toBe(0);
    expect(people.stdout).toContain('transfer');
    expect(people.stdout).toContain('downloaded_bytes');
  });

  test('is reset to an earlier step, and the task goes on there', async () => {
    const task = await interrupted();
    expect(await cli(0, 'reset', task.taskId, '--to-step', 'reserve')).toMatchObject({
      task_id: task.taskId,
      from_step: 'reserve',
      recovery_attempts: 1,
    });
    const { path } = (await task.wait()) as { path: string };
    expect(sha256Of(path)).toBe(contentSha256(1, SIZE));
    expect(await task.canResume()).toBe(false);
  });

  test('is forgotten: the task starts over', async () => {
    const task = await interrupted();
    expect(await cli(0, 'reset', task.taskId)).toMatchObject({ from_step: null });
    await task.wait();
  });

  test('is set to what `show` printed, edited', async () => {
    const task = await interrupted();
    const shown = await cli(0, 'show', task.taskId);
    const from = file({ ...shown, checkpoint: { ...shown.checkpoint, timestamp: undefined } });
    expect(await cli(0, 'set', task.taskId, '--file', from)).toMatchObject({ from_step: 'transfer' });
    await task.wait();
    expect((await task.show()).view.recovery_notes).toMatchObject([
      { strategy: 'forced', from_step: 'transfer' },
    ]);
  });

  test('is not set to a damaged one: everything wrong with it is named, and nothing is started', async () => {
    const task = await interrupted();
    const { run_id } = (await task.show()).view;
    const from = file({ step: 'transfre', step_index: '2', data: null, timestamp: 'noon' });
    const { code, stderr } = await told('set', task.taskId, '--file', from);
    expect(code).toBe(1);
    for (const part of [
      'step is "transfre", which the task has not',
      'probe, reserve, transfer, verify, publish',
      'step_index is "2"',
      'timestamp is "noon"',
      'data is null',
    ])
      expect(stderr).toContain(part);
    const moved = file({ step: 'transfer', step_index: 4, data: {} });
    expect((await told('set', task.taskId, '--file', moved)).stderr).toContain('that of "transfer" is 2');
    for (const [content, part] of [
      ['{"step":', 'is no JSON'],
      ['[1]', 'expected an object, found a list'],
      ['null', 'the checkpoint is damaged'],
      [JSON.stringify({ data: 'x'.repeat(300_000) }), 'more than 256 KiB'],
    ] as const)
      expect((await told('set', task.taskId, '--file', file(content))).stderr).toContain(part);
    expect((await told('set', task.taskId)).code).toBe(2);
    expect((await told('set', task.taskId, '--file', '/nowhere.json')).code).toBe(2);
    expect((await task.show()).view.run_id).toBe(run_id);
  });

  test('is not reset to a step that was not reached, or that is none', async () => {
    const task = await interrupted();
    expect((await told('reset', task.taskId, '--to-step', 'publish')).code).toBe(5);
    const { code, stderr } = await told('reset', task.taskId, '--to-step', 'nonsense');
    expect(code).toBe(2);
    expect(stderr).toContain('Its steps are probe, reserve, transfer, verify, publish');
  });
});

describe('the checkpoint of a task', () => {
  test('that runs is its own to write: refused, with what to do', async () => {
    const { server, rekindle } = suite();
    const url = server.serve('/slow.mp4', { size: 8 * MIB, bytesPerSecond: MIB });
    const task = await rekindle.download({ url, to: tempDir() });
    await untilTask(task, ({ view }) => view.status === 'running');
    const { code, stderr } = await told('reset', task.taskId);
    expect(code).toBe(5);
    expect(stderr).toContain('its checkpoint is its own to write');
    expect(stderr).toContain(`rekindle task cancel ${task.taskId} --keep`);
    await task.cancel({ keep: true });
    // And that is a way that works.
    server.serve('/slow.mp4', { size: 8 * MIB });
    expect(await cli(0, 'reset', task.taskId, '--to-step', 'probe')).toMatchObject({ from_step: 'probe' });
    await task.wait();
  });

  test('that is completed, or never was, is refused', async () => {
    const { server, rekindle } = suite();
    const url = server.serve('/done.mp4', { size: 1000 });
    const task = await rekindle.download({ url, to: tempDir() });
    await task.wait();
    expect((await told('reset', task.taskId)).code).toBe(5);
    expect((await told('show', 'never-was')).code).toBe(3);
    expect((await told('reset', 'never-was')).code).toBe(3);
    await expect(rekindle.task('never-was').canResume()).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  });

  test('that is damaged is shown with every fault and the choices', async () => {
    const { server, connected } = suite();
    const { startTask } = await import('../../src/tasks/start-task.ts');
    const url = server.serve('/damaged.mp4', { size: 1000 });
    const damaged = { step: 'transfer', step_index: 7, data: {}, timestamp: 'noon' };
    await startTask(connected.client, {
      taskId: 'damaged-one',
      taskType: 'video_download',
      workflowType: 'videoDownload',
      taskQueue: suite().config.taskQueue,
      input: { task: { url, directory: tempDir() }, checkpoint: damaged, recoveryAttempts: 1 },
      data: { url },
      summary: 'a task with a damaged checkpoint',
      recovery: { delayMs: 0 },
    });
    const task = suite().rekindle.task('damaged-one');
    await task.wait().catch(() => undefined);
    const shown = await cli(1, 'show', 'damaged-one');
    expect(shown).toMatchObject({ can_resume: false, checkpoint: damaged });
    expect(shown.problems).toEqual(['step_index is 7; that of "transfer" is 2', 'timestamp is "noon"']);
    const { stdout } = await told('show', 'damaged-one');
    for (const choice of ['set damaged-one --file', 'reset damaged-one --to-step', 'reset damaged-one'])
      expect(stdout).toContain(choice);
    expect(await task.canResume()).toBe(false);
    expect(await cli(0, 'reset', 'damaged-one')).toMatchObject({ from_step: null });
    await task.wait();
  });
});
