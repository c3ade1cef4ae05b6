/** The schedules of a namespace: what rekindle wants there, and what is there. */
import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import { RekindleError } from '../domain/error-codes.ts';
import type { SystemSchedule } from './system-schedules.ts';

/**
 * Brings the schedules into the state that the configuration wants. One that somebody paused stays paused.
 * Doing it again changes nothing.
 * @param unwanted IDs of those that shall not be there. @default none
 */
export async function ensureSchedules(
  client: Client,
  schedules: readonly SystemSchedule[],
  unwanted: readonly string[] = [],
): Promise<void> {
  await Promise.all([
    ...schedules.map((schedule) => ensureSchedule(client, schedule)),
    ...unwanted.map((id) => removeSchedule(client, id)),
  ]);
}

async function removeSchedule(client: Client, id: string): Promise<void> {
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

async function ensureSchedule(client: Client, schedule: SystemSchedule): Promise<void> {
  const { scheduleId, note, ...wanted } = optionsOf(schedule);
  try {
    await client.schedule.create({ scheduleId, ...wanted, state: { note } });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update(({ state }) => ({ ...wanted, state }));
  }
}

function optionsOf({ id, note, spec, catchUpMs, action }: SystemSchedule) {
  return {
    scheduleId: id,
    note,
    spec,
    // A second start is skipped, but an early one that was asked for meanwhile follows, see `triggerSchedule`.
    policies: { overlap: 'SKIP' as const, catchupWindow: catchUpMs },
    action: { type: 'startWorkflow' as const, workflowId: id, ...action },
  };
}

/**
 * Starts what a schedule starts, now. A start within the same second as another one is the same one: Temporal names
 * a schedule's workflows by the second.
 * @param overlap what happens while it runs already. @default 'BUFFER_ONE': one more start is kept for its end, however
 *   many are asked for
 * @throws {RekindleError} TASK_NOT_FOUND when there is no such schedule.
 */
export async function triggerSchedule(
  client: Client,
  id: string,
  overlap: 'BUFFER_ONE' | 'SKIP' = 'BUFFER_ONE',
): Promise<void> {
  await found(id, () => client.schedule.getHandle(id).trigger(overlap));
}

/** Runs `work` on a schedule. @throws {RekindleError} TASK_NOT_FOUND, naming it. */
export async function found<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new RekindleError('TASK_NOT_FOUND', `there is no schedule ${id}`, {
      hint: '`rekindle schedule list` shows the schedules there are; `rekindle up` makes them.',
      cause: error,
    });
  }
}
