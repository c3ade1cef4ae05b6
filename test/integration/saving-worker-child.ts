/** A worker process that stands still as it hands a login's session over, for tests that kill it there. */
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities/index.ts';
import { type Config, referencesOf } from '../../src/config.ts';
import { PROGRESS_SIGNAL } from '../../src/domain/task-state.ts';
import { connect } from '../../src/engine/connect.ts';
import { runningEngine } from '../../src/engine/embedded.ts';
import { bundleFor, loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { createSecretResolver } from '../../src/secrets/resolver.ts';
import { openVault } from '../../src/secrets/vault.ts';
import { saveSession } from '../../src/sessions/session-client.ts';
import { quietRuntime } from '../support/quiet-runtime.ts';

const { config, when } = JSON.parse(process.argv[2] ?? '{}') as { config: Config; when: 'before' | 'after' };
quietRuntime();
const engine = runningEngine(config);
const { client } = await connect(config, engine);

const activities = createActivities({
  http: config.download,
  connections: config.download.connections,
  sendProgress: async (taskId, runId, progress) => {
    await client.workflow.getHandle(taskId, runId).signal(PROGRESS_SIGNAL, progress);
  },
  login: {
    sitesDir: config.sitesDir,
    browser: null,
    locale: 'en',
    vault: openVault({ ...config.sessions, dataDir: config.dataDir, create: true }),
    resolve: createSecretResolver({ read: referencesOf(config) }),
    save: async (name, saved) => {
      if (when === 'after') await saveSession(client, config.taskQueue, name, saved);
      console.log(JSON.stringify({ saving: when }));
      await new Promise(() => {});
    },
    notify: async () => {},
  },
});
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: engine?.address ?? '' }),
  taskQueue: config.taskQueue,
  workflowBundle: await loadWorkflowBundle(bundleFor(config)),
  activities,
});
console.log('{}');
await worker.run();
