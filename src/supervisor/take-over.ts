import { rmSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { WORKER_LOST } from '../domain/failure.ts';
import type { Logger } from '../logger.ts';
import { type AbandonedJournal, type ActivityInFlight, abandonedJournals } from './in-flight-journal.ts';

/** What a restarted worker took over from dead ones. */
export interface TakeOver {
  readonly deadWorkers: number;
  /** Activities that were failed in its name, so that they go on at once instead of after their heartbeat timeout. */
  readonly activities: number;
  /** Workflows whose next task waited for the dead worker. */
  readonly workflows: number;
}

/** Zero would mean "not set" to the server. */
const GO_ON_DELAY_MS = 1;

/**
 * Lets the tasks of workers that died on this machine go on at once. Without it they would wait for their heartbeat
 * timeout, and their workflow tasks for the dead worker's sticky queue (both measured in DESIGN).
 * @param dir where workers of this data directory keep their journals.
 */
export async function takeOver(dir: string, client: Client, log: Logger): Promise<TakeOver> {
  const journals = abandonedJournals(dir);
  if (journals.length === 0) return { deadWorkers: 0, activities: 0, workflows: 0 };
  const inFlight = journals.flatMap((journal) => journal.inFlight);
  const [failed, workflows] = await Promise.all([
    Promise.all(inFlight.map((activity) => failInItsName(client, activity, log))),
    resetStickyQueues(client, log),
  ]);
  removeAll(journals);
  return { deadWorkers: journals.length, activities: failed.filter(Boolean).length, workflows };
}

/** @returns whether the activity was still open. */
async function failInItsName(client: Client, activity: ActivityInFlight, log: Logger): Promise<boolean> {
  const lost = ApplicationFailure.create({
    message: 'the worker died; the step goes on with another one',
    type: WORKER_LOST,
    nextRetryDelay: GO_ON_DELAY_MS,
  });
  try {
    await client.activity.fail(Buffer.from(activity.taskToken, 'base64'), lost);
    return true;
  } catch (error) {
    // Finished, cancelled or timed out meanwhile: nothing to do for it.
    const { workflowId, activityId, attempt } = activity;
    const { message } = error as Error;
    log.debug({ workflowId, activityId, attempt, message }, 'activity of a dead worker is no longer open');
    return false;
  }
}

async function resetStickyQueues(client: Client, log: Logger): Promise<number> {
  const { namespace } = client.options;
  let count = 0;
  const resets: Promise<unknown>[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' })) {
    count += 1;
    const reset = client.workflowService.resetStickyTaskQueue({
      namespace,
      execution: { workflowId, runId },
    });
    resets.push(
      reset.catch((error) => log.debug({ workflowId, error: error.message }, 'sticky queue not reset')),
    );
  }
  await Promise.all(resets);
  return count;
}

function removeAll(journals: readonly AbandonedJournal[]): void {
  for (const { file } of journals) rmSync(file, { force: true });
}
