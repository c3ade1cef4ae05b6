import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { type LoginRequest, loginTaskId, type SessionName } from '../domain/session.ts';
import { startLogin } from '../sessions/session-client.ts';
import { latestRun } from '../tasks/start-task.ts';

const AGAIN_AFTER_MS = 100;
const PATIENCE_MS = 10_000;

/**
 * Has a login done now, or joins the one that runs. A session whose login has just ended may not have heard of it and
 * names that one; then it is asked again.
 * @returns the ID of the task.
 */
export async function loginNow(
  client: Client,
  taskQueue: string,
  name: SessionName,
  request: LoginRequest,
): Promise<string> {
  const before = await latestRun(client, loginTaskId(name));
  const over = before && before.runStatus !== 'RUNNING' ? before.runId : undefined;
  for (const deadline = Date.now() + PATIENCE_MS; ; await delay(AGAIN_AFTER_MS)) {
    const { taskId } = await startLogin(client, taskQueue, name, request);
    if (over === undefined || Date.now() > deadline) return taskId;
    const now = await latestRun(client, taskId);
    if (now?.runId !== over) return taskId;
  }
}
