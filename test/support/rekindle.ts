import { afterAll, beforeAll } from 'vitest';
import { RekindleClient } from '../../src/client/rekindle-client.ts';
import type { Config } from '../../src/config.ts';
import { silentLogger } from '../../src/logger.ts';
import { type RunningWorker, startWorker } from '../../src/worker.ts';
import { suiteEngine, type TestEngine } from './engine.ts';
import { MisbehavingServer } from './misbehaving-server.ts';

/** All that a download needs, real: engine, worker, client, and a server to download from. */
export interface TestRekindle extends TestEngine {
  readonly rekindle: RekindleClient;
  readonly server: MisbehavingServer;
  readonly worker: RunningWorker;
}

/**
 * One for all tests of a file.
 * @param config changes to the configuration.
 */
export function suiteRekindle(config: Partial<Config> = {}): () => TestRekindle {
  const engine = suiteEngine({ config });
  let current: TestRekindle | undefined;
  beforeAll(async () => {
    const { connected, config: whole } = engine();
    const server = await MisbehavingServer.start();
    const worker = await startWorker(whole, connected, 'service', silentLogger);
    current = { ...engine(), server, worker, rekindle: new RekindleClient(connected.client, whole) };
  });
  afterAll(async () => {
    await current?.worker.stop();
    await current?.server.close();
  });
  return () => {
    if (!current) throw new Error('suiteRekindle(): ask for it inside a test');
    return current;
  };
}
