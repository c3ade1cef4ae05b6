/** What Temporal, the disk and the server say of the drill's tasks when all is over. */
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { TaskRecord } from '../../domain/task-record.ts';
import { inSlots } from '../../tasks/in-slots.ts';
import { taskRecords } from '../../tasks/task-records.ts';
import { sha256OfFile } from '../sha256-of-file.ts';
import type { SeenTask } from './account.ts';
import { contentSha256 } from './content.ts';
import type { DrillServer } from './file-server.ts';
import type { DrillFile } from './plan.ts';

const SLOTS = 8;

/**
 * Looks at every task: its runs and their histories, its file, and what the server sent.
 * @param metFault tasks that met an error which is their own to retry.
 */
export async function lookAtTasks(
  client: Client,
  files: readonly DrillFile[],
  server: DrillServer,
  directory: string,
  metFault: ReadonlySet<string>,
): Promise<SeenTask[]> {
  const runs = new Map<string, TaskRecord[]>();
  for await (const record of taskRecords(client)) {
    runs.set(record.taskId, [...(runs.get(record.taskId) ?? []), record]);
  }
  return await inSlots(files, SLOTS, async (file) => {
    const own = runs.get(file.name) ?? [];
    const histories = await Promise.all(own.map((record) => completedSteps(client, record)));
    const [latest] = own; // Temporal lists the newest first.
    const hash = await sha256OfFile(join(directory, file.name));
    return {
      taskId: file.name,
      size: file.size,
      sent: server.bytesSent(file.name),
      mustBe: file.missing ? 'failed' : 'completed',
      status: latest?.state.status ?? null,
      runs: own.length,
      steps: addUp(histories),
      retryCount: latest?.state.retryCount ?? 0,
      recoveryAttempts: latest?.state.recoveryAttempts ?? 0,
      metFault: metFault.has(file.name),
      contentRight: hash === contentSha256(file.seed, file.size),
    };
  });
}

/** How often each step was completed in a run. */
async function completedSteps(
  client: Client,
  { taskId, runId }: TaskRecord,
): Promise<Readonly<Record<string, number>>> {
  const { events } = await client.workflow.getHandle(taskId, runId).fetchHistory();
  const names = new Map<string, string>();
  const completed: Record<string, number> = {};
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) names.set(String(event.eventId), scheduled.activityType?.name ?? '?');
    const done = event.activityTaskCompletedEventAttributes;
    if (!done) continue;
    const name = names.get(String(done.scheduledEventId)) ?? '?';
    completed[name] = (completed[name] ?? 0) + 1;
  }
  return completed;
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((one) => Object.entries(one)))
    total[name] = (total[name] ?? 0) + count;
  return total;
}
