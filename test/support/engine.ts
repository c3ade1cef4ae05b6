import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, inject, onTestFinished } from 'vitest';
import { type Config, loadConfig } from '../../src/config.ts';
import { connect, type EngineConnection } from '../../src/engine/connect.ts';
import { stopEngine } from '../../src/engine/embedded.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { ensureEngine } from '../../src/engine/ensure-engine.ts';
import { prepareNamespace } from '../../src/engine/prepare-namespace.ts';
import { tempDir } from './temp-dir.ts';

/** A real embedded server of a test's own, with a client connected to it. */
export interface TestEngine {
  readonly config: Config;
  readonly engine: Engine;
  readonly connected: EngineConnection;
}

/** What {@link startTestEngine} and {@link suiteEngine} may be told. */
export interface TestEngineOptions {
  /** Changes to the configuration. */
  readonly config?: Partial<Config>;
}

/**
 * A configuration with a data directory of its own, nothing from the environment, and ports that disturb nobody.
 * @param dataDir made by `tempDir()` or the like.
 */
export function testConfig(dataDir: string, changes: Partial<Config> = {}): Config {
  const base = loadConfig({ dataDir }, {});
  return {
    ...base,
    // A pair of equal ports is never free, so that free ones are taken.
    engine: {
      ...base.engine,
      executable: inject('temporalExecutable'),
      cacheDir: inject('cacheDir'),
      port: 1,
      uiPort: 1,
    },
    ...changes,
  };
}

/** Starts an engine for the running test; it is stopped when the test ends. Its log is kept when the test fails. */
export async function startTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const dataDir = tempDir('engine');
  // Hooks run last in, first out: the server is stopped before its directory is removed.
  const config = testConfig(dataDir, options.config);
  onTestFinished(() => stopQuietly(config));
  return start(config);
}

/** One engine for all tests of a file or `describe`: gives a function to get it inside the tests. */
export function suiteEngine(options: TestEngineOptions = {}): () => TestEngine {
  let current: TestEngine | undefined;
  let dataDir: string | undefined;
  let failed: string | undefined;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'rekindle-engine-'));
    current = await start(testConfig(dataDir, options.config));
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') failed ??= task.name;
  });
  afterAll(async () => {
    if (current) {
      await current.connected.close();
      await stopQuietly(current.config);
    }
    if (!dataDir) return;
    if (failed !== undefined) keepEvidence(dataDir, failed);
    rmSync(dataDir, { recursive: true, force: true });
  });
  return () => {
    if (!current)
      throw new Error('suiteEngine(): ask for the engine inside a test, not while tests are collected');
    return current;
  };
}

async function start(config: Config): Promise<TestEngine> {
  const engine = await ensureEngine(config, { purpose: 'test' });
  const connected = await connect(config, engine);
  await prepareNamespace(connected.connection, {
    namespace: engine.namespace,
    retentionMs: config.engine.retentionMs,
    create: true,
  });
  return { config, engine, connected };
}

/** Killed, not asked: nothing of a test's server is needed any more, and asking takes 1.2 s. */
async function stopQuietly(config: Config): Promise<void> {
  await stopEngine(config.dataDir, { graceMs: 0 });
}

function keepEvidence(dataDir: string, name: string): void {
  const kept = join('test-evidence', name.replaceAll(/[^\w.-]+/g, '-').slice(0, 80));
  cpSync(dataDir, kept, { recursive: true, force: true });
  console.error(`evidence of "${name}" kept in ${kept}`);
}
