/** Failed tasks by the thousand, made quickly and honestly: each is a run that failed on a real engine. */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, type NativeConnection, Worker } from '@temporalio/worker';
import type { FailureInfo } from '../../src/domain/failure.ts';
import { classifyMessage } from '../../src/failures/index.ts';
import { fingerprintOf } from '../../src/report/index.ts';
import { startTask } from '../../src/tasks/start-task.ts';

export const FAILING_QUEUE = 'bench-failing';
const LANES = 50;
const LOOK_EVERY_MS = 200;

/** Messages of every category, most of them recoverable; the values differ from task to task. */
const MESSAGES: readonly ((n: number) => string)[] = [
  (n) => `connect ECONNREFUSED 10.0.0.${n % 250}:${3000 + (n % 9)}`,
  (n) => `Connection timeout: https://api.example.com/track/${n} did not answer in ${n % 60} s`,
  (n) => `getaddrinfo EAI_AGAIN host-${n}.example.com`,
  (n) => `HTTP 503 Service Unavailable from https://api.example.com/v2/orders/${n}`,
  (n) => `429 Too Many Requests: retry after ${n % 300} seconds`,
  (n) => `ENOSPC: no space left on device, write '/data/videos/lesson-${n}.mp4'`,
  (n) => `malformed json at line ${n % 90} column ${n % 200}: unexpected token '}'`,
  (n) => `api key invalid: key ${n} has expired`,
  (n) => `courier not supported: "courier-${n % 40}"`,
  (n) => `the flux of unit ${n} is inverted`,
];

/** A worker on which every task fails. */
export async function failingWorker(connection: NativeConnection, namespace: string): Promise<Worker> {
  const workflowsPath = fileURLToPath(new URL('./failing-workflow.ts', import.meta.url));
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const options = { connection, namespace, workflowBundle, maxCachedWorkflows: 100 };
  return await Worker.create({ ...options, taskQueue: FAILING_QUEUE });
}

/** Starts the tasks with the numbers `from` to `to - 1`, and waits until lists show that all have failed. */
export async function makeFailedTasks(client: Client, from: number, to: number): Promise<void> {
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < to) await startOne(client, next++);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const query = `TaskType = 'bench' AND ExecutionStatus = 'Failed'`;
  while ((await client.workflow.count(query)).count < to) await delay(LOOK_EVERY_MS);
}

async function startOne(client: Client, n: number): Promise<void> {
  await startTask(client, {
    taskId: `bench-failed-${n}`,
    taskType: 'bench',
    workflowType: 'failing',
    taskQueue: FAILING_QUEUE,
    input: { task: failureOf(n) },
    data: { n },
    summary: 'fails at once',
  });
}

function failureOf(n: number): FailureInfo {
  const message = (MESSAGES[n % MESSAGES.length] as (n: number) => string)(n);
  const { category, retryType, rule, confidence, explanation } = classifyMessage(message);
  return {
    category,
    retryType,
    rule,
    confidence,
    explanation,
    message,
    errorType: 'Error',
    hint: null,
    step: null,
    attempts: {},
    fingerprint: fingerprintOf(message).fingerprint,
  };
}
