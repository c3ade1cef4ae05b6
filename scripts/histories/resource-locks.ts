/** Histories of the workflow of cluster-wide resource locks, for scripts/record-histories.ts. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ACQUIRE_UPDATE, RESOURCE_LOCK_WORKFLOW } from '../../src/domain/resource-lock.ts';
import { acquireClusterLock } from '../../src/locks/cluster-lock.ts';
import { lockWorkflowId } from '../../src/locks/resource-name.ts';

/** Each takes the lock of its name, in its way. */
const STORIES: Readonly<Record<string, (client: Client, name: string, taskQueue: string) => Promise<void>>> =
  {
    async 'handed-over-and-renewed'(client, name, taskQueue) {
      const wait = { taskQueue, host: 'host-a', purpose: 'recording', leaseMs: 1500 };
      const first = await acquireClusterLock(client, name, wait);
      const second = acquireClusterLock(client, name, wait);
      const third = acquireClusterLock(client, name, { ...wait, timeoutMs: 300 });
      await third.catch(() => undefined);
      await delay(2000);
      await first.release();
      await (await second).release();
    },
    async 'expired-and-gone-on'(client, name, taskQueue) {
      const wait = { taskQueue, host: 'host-a', purpose: 'recording', leaseMs: 1000 };
      const lock = await client.workflow.start(RESOURCE_LOCK_WORKFLOW, {
        workflowId: lockWorkflowId(name),
        taskQueue,
        args: [{ name, maxEvents: 30 }],
      });
      // One that dies: nobody renews its lease.
      const dead = { id: 'dead', owner: { pid: 1, host: 'host-b', purpose: 'dying' }, leaseMs: 1000 };
      await lock.executeUpdate(ACQUIRE_UPDATE, { args: [dead, 0] });
      const second = await acquireClusterLock(client, name, wait);
      await delay(3000);
      await second.release();
    },
  };

/** @param keep writes a history under a name. */
export async function recordResourceLocks(
  client: Client,
  taskQueue: string,
  keep: (name: string, handle: WorkflowHandle) => Promise<void>,
): Promise<void> {
  for (const [name, story] of Object.entries(STORIES)) {
    const workflowId = lockWorkflowId(name);
    await story(client, name, taskQueue);
    await client.workflow.getHandle(workflowId).result();
    // Each of the runs that it went on as; the newest comes first.
    const runs: string[] = [];
    for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
      runs.unshift(runId);
    for (const [i, runId] of runs.entries())
      await keep(`resource-lock-${name}-${i + 1}`, client.workflow.getHandle(workflowId, runId));
  }
}
