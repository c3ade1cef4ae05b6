import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskHandle } from '../../client/task-handle.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { VideoDownloadResult } from '../../domain/video-download.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { accountOf, type DemoStory } from '../demo/account.ts';
import { type RoughServer, startRoughServer } from '../demo/rough-server.ts';
import { WorkerProcess } from '../demo/worker-process.ts';
import { EXIT } from '../exit-codes.ts';
import { bytes } from '../render/amounts.ts';
import { progressLine, Speedometer } from '../render/progress-bar.ts';
import { openRuntime, type Runtime } from '../runtime.ts';
import { untilAborted } from '../until-aborted.ts';

const MIB = 1024 * 1024;
/** About ten seconds of download: time enough to see it, short enough to wait for. */
const ROUGHNESS = { size: 48 * MIB, cutAfter: 5 * MIB, rate: 1.5 * MIB, refusals: 2 };
const KILL_AT = 0.5;

/** Shows a download that survives a rough server and a killed worker. */
export const run: CommandAction = async (context) => {
  const { output } = context;
  const directory = mkdtempSync(join(tmpdir(), 'rekindle-demo-'));
  const server = await startRoughServer(ROUGHNESS);
  const runtime = await openRuntime(context, { engine: 'ensured', mirror: true, purpose: 'rekindle demo' });
  try {
    const story = await play(context, runtime, server, directory);
    output.status(undefined);
    const uiAddress = runPage(runtime, story.taskId);
    output.result({ ...storyJson(story), ui_address: uiAddress }, [
      '',
      output.texts.demoAccount,
      ...accountOf(story, context.config.locale),
      ...(uiAddress ? [output.texts.demoWebUi(uiAddress)] : []),
      output.texts.demoNext,
    ]);
    if (output.interactive) await lookAround(context);
    return story.sha256Matches ? EXIT.ok : EXIT.failed;
  } finally {
    await runtime.close();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
};

/** On a terminal the engine stays up so that the Web UI can be looked at. */
async function lookAround({ output, signal }: CommandContext): Promise<void> {
  output.line(output.texts.demoLookAround);
  await untilAborted(signal);
}

async function play(
  context: CommandContext,
  runtime: Runtime,
  server: RoughServer,
  directory: string,
): Promise<DemoStory & { taskId: string }> {
  const { output, config } = context;
  output.line(output.texts.demoServer(bytes(ROUGHNESS.size), server.url));
  const startedAt = Date.now();
  const request = { url: server.url, to: directory, sha256: server.sha256, force: true };
  // The task waits in Temporal for the worker, which takes a second to start.
  const starting = WorkerProcess.start(config);
  starting.catch(() => undefined);
  const task = await runtime.client.download(request);
  output.line(output.texts.started(task.taskId));
  let worker = await starting;
  try {
    const killedAt = await until(context, task, KILL_AT);
    await worker.kill();
    const killTime = Date.now();
    const sentBefore = server.count.requests;
    output.line(output.texts.demoKilled(worker.pid));
    worker = await WorkerProcess.start(config);
    output.line(output.texts.demoRestarted(worker.pid));
    const goneOnAfterMs = await firstRequestAfter(server, sentBefore, killTime);
    await until(context, task, 1);
    const result = await task.wait();
    return {
      taskId: task.taskId,
      result,
      size: ROUGHNESS.size,
      server: { ...server.count },
      killedAt,
      goneOnAfterMs,
      sha256Matches: result.sha256 === server.sha256,
      durationMs: Date.now() - startedAt,
    };
  } finally {
    await worker.stop();
  }
}

/** Draws the progress until `share` of the file is there, or the task has ended. @returns the share reached. */
async function until(
  { output, signal }: CommandContext,
  task: TaskHandle<VideoDownloadResult>,
  share: number,
): Promise<number> {
  const speed = new Speedometer();
  for await (const { live } of task.watch({ intervalMs: 100, signal })) {
    if (live?.downloadedBytes == null || !live.totalBytes) continue;
    const rate = speed.measure(live.downloadedBytes, Date.now());
    output.status(progressLine({ done: live.downloadedBytes, total: live.totalBytes, rate }));
    if (live.fraction >= share) return live.fraction;
  }
  return 1;
}

async function firstRequestAfter(server: RoughServer, requests: number, since: number): Promise<number> {
  await server.requestAfter(requests);
  return Date.now() - since;
}

function runPage({ engine }: Runtime, taskId: string): string | null {
  if (!engine.uiAddress) return null;
  return `${engine.uiAddress}/namespaces/${engine.namespace}/workflows/${encodeURIComponent(taskId)}`;
}

function storyJson(story: DemoStory & { taskId: string }): JsonObject {
  return {
    task_id: story.taskId,
    status: 'completed',
    bytes: story.size,
    bytes_fetched: story.result.bytesFetched,
    retries: story.result.retries,
    resumed: story.result.resumed,
    sha256: story.result.sha256,
    sha256_matches: story.sha256Matches,
    killed_at: story.killedAt,
    gone_on_after_ms: story.goneOnAfterMs,
    server: { ...story.server },
    duration_ms: story.durationMs,
  };
}
