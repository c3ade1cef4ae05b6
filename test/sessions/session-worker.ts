/** A worker for tasks and sessions with the login of the tests; also for processes without a test runner. */
import { join, resolve } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { stepFactory } from '../../src/activities/define-step.ts';
import { videoDownloadSteps } from '../../src/activities/video-download/index.ts';
import type { Config } from '../../src/config.ts';
import { PROGRESS_SIGNAL } from '../../src/domain/task-state.ts';
import type { EngineConnection } from '../../src/engine/connect.ts';
import { loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { failureInterceptor } from '../../src/failures/activity-interceptor.ts';
import { createClassifier } from '../../src/failures/classify.ts';
import { shortMessage } from '../../src/failures/short-message.ts';
import { openVault } from '../../src/secrets/vault.ts';
import { WorkflowSessions } from '../../src/sessions/session-port.ts';
import { type FakeLoginOptions, fakeLogin } from './fake-login.ts';

export interface SessionPlace {
  readonly config: Config;
  readonly connected: EngineConnection;
  readonly engine: { readonly address: string };
}

const SOURCES = ['src/workflows', 'src/domain', 'test/sessions'].map((path) => resolve(path));

/** The bundle with the login of the tests. */
export const sessionBundle = (target: string) =>
  loadWorkflowBundle({ entry: resolve('test/sessions/workflows.ts'), sources: SOURCES, target });

/** A worker for tasks, sessions and logins of the tests. */
export async function sessionWorker(
  { config, connected, engine }: SessionPlace,
  login: Omit<FakeLoginOptions, 'vault'>,
) {
  const vault = openVault({ ...config.sessions, dataDir: config.dataDir, create: true });
  const { client } = connected;
  const connection = await NativeConnection.connect({ address: engine.address });
  const sessions = new WorkflowSessions({
    client,
    taskQueue: config.taskQueue,
    unseal: (name, sealed) => vault.unsealSession(name, sealed),
    personWaitMs: config.download.loginWaitMs,
  });
  const { classify } = createClassifier();
  const defineStep = stepFactory(async (taskId, runId, progress) => {
    await client.workflow.getHandle(taskId, runId).signal(PROGRESS_SIGNAL, progress);
  });
  const steps = videoDownloadSteps(defineStep, {
    http: config.download,
    connections: config.download.connections,
    download: config.download,
    network: config.network,
    sessions,
  });
  const worker = await Worker.create({
    connection,
    taskQueue: config.taskQueue,
    workflowBundle: await sessionBundle(join(config.dataDir, 'session-tests.js')),
    activities: { ...steps, ...fakeLogin({ ...login, vault }) },
    interceptors: {
      activity: [
        failureInterceptor({ policy: config.retry, classify, shortMessage, fingerprint: () => 'test' }),
      ],
    },
    maxConcurrentActivityTaskExecutions: config.worker.maxConcurrentSteps,
    maxHeartbeatThrottleInterval: 200,
    shutdownGraceTime: 0,
    shutdownForceTime: 5000,
  });
  const done = worker.run();
  const stop = async (): Promise<void> => {
    worker.shutdown();
    await done;
    await connection.close();
  };
  return { vault, sessions, connection, stop };
}
