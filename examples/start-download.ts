/**
 * Starts a download on a running rekindle (`npx rekindle up`), watches it and prints what came of it.
 *
 *     npx node examples/start-download.ts https://example.com/lesson-1.mp4 videos
 *
 * `npx node` is the Node that the project brings; an older one cannot run TypeScript.
 */
import { RekindleClient, TaskFailedError } from 'rekindle';

const [url, to = '.'] = process.argv.slice(2);
if (!url) {
  console.error('usage: npx node examples/start-download.ts URL [DIRECTORY]');
  process.exit(2);
}

const rekindle = await RekindleClient.connect();
try {
  const task = await rekindle.download({ url, to });
  console.log(`task ${task.taskId}`);
  for await (const { view, live } of task.watch({ intervalMs: 500 })) {
    console.log(
      `${view.status} ${view.step ?? ''} ${live?.downloadedBytes ?? 0} of ${live?.totalBytes ?? '?'} bytes`,
    );
  }
  const result = await task.wait();
  console.log(`${result.path}: ${result.bytes} bytes, ${result.retries} retries`);
} catch (error) {
  if (!(error instanceof TaskFailedError)) throw error;
  console.error(`failed (${error.failure?.category}): ${error.message}`);
  process.exitCode = 1;
} finally {
  await rekindle.close();
}
