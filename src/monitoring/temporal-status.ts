import { setTimeout as delay } from 'node:timers/promises';
import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { ScheduleState, TemporalStatus } from './ports.ts';

/** Values of `temporal.api.enums.v1.TaskQueueType`. */
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;
/** A worker asks again after a minute at the latest; the server keeps naming one that is gone for five. */
const POLLED_WITHIN_MS = 75_000;
/** A server that answers slower than this is as good as gone. */
const DEADLINE_MS = 10_000;

/** Asks a Temporal server how queues and schedules stand. */
export function temporalStatus(client: Client): TemporalStatus {
  const ask = <T>(fn: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + DEADLINE_MS, fn);
  return {
    isPolled: (queue) =>
      ask(async () => {
        const types = [WORKFLOW_TASKS, ACTIVITY_TASKS];
        const polled = await Promise.all(types.map((type) => isPolled(client, queue, type)));
        return polled.every(Boolean);
      }),
    schedule: (id) => ask(() => scheduleState(client, id)),
  };
}

const LOOK_AGAIN_MS = 500;

/** A worker that starts, or takes over, needs some seconds until it asks for work: only what lasts that long is told. */
export function patiently(status: TemporalStatus, forMs: number): TemporalStatus {
  return {
    ...status,
    async isPolled(queue) {
      const deadline = performance.now() + forMs;
      while (!(await status.isPolled(queue))) {
        if (performance.now() >= deadline) return false;
        await delay(LOOK_AGAIN_MS);
      }
      return true;
    },
  };
}

async function isPolled(client: Client, queue: string, taskQueueType: number): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType,
  });
  const since = Date.now() - POLLED_WITHIN_MS;
  return (pollers ?? []).some(({ lastAccessTime }) => tsToMs(lastAccessTime) >= since);
}

async function scheduleState(client: Client, id: string): Promise<ScheduleState> {
  try {
    const { state } = await client.schedule.getHandle(id).describe();
    return { state: state.paused ? 'paused' : 'active', note: state.note ?? null };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return { state: 'missing', note: null };
    throw error;
  }
}
