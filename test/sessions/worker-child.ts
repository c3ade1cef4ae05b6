/** A worker for sessions in a process of its own, with a login that takes a while: for tests that kill it. */
import type { Config } from '../../src/config.ts';
import { connect } from '../../src/engine/connect.ts';
import { runningEngine } from '../../src/engine/embedded.ts';
import { quietRuntime } from '../support/quiet-runtime.ts';
import { sessionWorker } from './session-worker.ts';

const { config, origin } = JSON.parse(process.argv[2] ?? '{}') as { config: Config; origin: string };
quietRuntime();
const engine = runningEngine(config);
const connected = await connect(config, engine);
await sessionWorker(
  { config, connected, engine },
  { origin, plan: () => ({}), lifetimeMs: () => null, slowMs: 1500 },
);
console.log('{}');
