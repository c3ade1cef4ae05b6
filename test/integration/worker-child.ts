/** A worker process of its own, as `rekindle worker` is: for tests that kill it. */
import type { Config } from '../../src/config.ts';
import { connect } from '../../src/engine/connect.ts';
import { runningEngine } from '../../src/engine/embedded.ts';
import { silentLogger } from '../../src/logger.ts';
import { startWorker } from '../../src/worker.ts';

const config = JSON.parse(process.argv[2] ?? '{}') as Config;
const engine = await connect(config, runningEngine(config));
const worker = await startWorker(config, engine, 'service', silentLogger);
console.log(JSON.stringify(worker.takenOver));
process.stdin.once('data', async () => {
  await worker.stop();
  await engine.close();
  process.exit();
});
