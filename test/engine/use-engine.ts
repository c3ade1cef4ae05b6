/** Child of the engine tests: uses the engine of the configuration in its arguments until it is told or killed. */
import { once } from 'node:events';
import type { Config } from '../../src/config.ts';
import { ensureEngine } from '../../src/engine/ensure-engine.ts';

const config = JSON.parse(process.argv[2] ?? '{}') as Config;
const engine = await ensureEngine(config, { purpose: 'child' });
console.log(JSON.stringify({ address: engine.address, pid: engine.pid, started: engine.started }));
await once(process.stdin, 'data');
console.log(JSON.stringify({ outcome: await engine.release() }));
process.exit();
