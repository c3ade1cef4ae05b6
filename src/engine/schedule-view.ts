import type { Client, ScheduleDescription } from '@temporalio/client';
import { found } from './schedules.ts';

/** A schedule as people and programs see it. Times are ISO 8601 in UTC. */
export interface ScheduleView {
  readonly id: string;
  readonly workflow_type: string;
  readonly task_queue: string;
  /** `every 30 min`, or the calendar's hours. */
  readonly every: string;
  readonly paused: boolean;
  readonly note: string | null;
  readonly next_at: string | null;
  readonly last_at: string | null;
  /** Starts so far. */
  readonly runs: number;
  /** Workflows that run now. */
  readonly running: readonly string[];
  /** The latest starts, the newest first. */
  readonly recent: readonly { readonly at: string; readonly workflow_id: string }[];
}

/** All schedules of the namespace, by name. */
export async function listSchedules(client: Client): Promise<ScheduleView[]> {
  const ids: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) ids.push(scheduleId);
  // Lists are eventually consistent and leave much out; a description is exact.
  return await Promise.all(ids.sort().map((id) => describeSchedule(client, id)));
}

/** One schedule. @throws {RekindleError} TASK_NOT_FOUND */
export async function describeSchedule(client: Client, id: string): Promise<ScheduleView> {
  return viewOf(await found(id, () => client.schedule.getHandle(id).describe()));
}

/**
 * Pauses a schedule, or lets it go on.
 * @param note what the schedule says of itself from now on; Temporal keeps one note, whoever wrote it.
 * @throws {RekindleError} TASK_NOT_FOUND
 */
export async function setSchedulePaused(
  client: Client,
  id: string,
  paused: boolean,
  note: string,
): Promise<ScheduleView> {
  const handle = client.schedule.getHandle(id);
  await found(id, () => (paused ? handle.pause(note) : handle.unpause(note)));
  return await describeSchedule(client, id);
}

function viewOf({ scheduleId, spec, action, state, info }: ScheduleDescription): ScheduleView {
  const recent = [...info.recentActions].reverse();
  return {
    id: scheduleId,
    workflow_type: action.workflowType,
    task_queue: action.taskQueue,
    every: everyOf(spec),
    paused: state.paused,
    note: state.note ?? null,
    next_at: info.nextActionTimes[0]?.toISOString() ?? null,
    last_at: recent[0]?.takenAt.toISOString() ?? null,
    runs: info.numActionsTaken,
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
    recent: recent.map(({ takenAt, action: { workflow } }) => ({
      at: takenAt.toISOString(),
      workflow_id: workflow.workflowId,
    })),
  };
}

const MINUTE_MS = 60_000;

function everyOf(spec: ScheduleDescription['spec']): string {
  const intervals = (spec.intervals ?? []).map(({ every }) =>
    every % MINUTE_MS === 0 ? `${every / MINUTE_MS} min` : `${every / 1000} s`,
  );
  const calendars = (spec.calendars ?? []).map(({ hour, minute }) => {
    const [hours] = hour ?? [];
    const [minutes] = minute ?? [];
    const step = hours?.step ?? 1;
    return `${step} h at minute ${minutes?.start ?? 0}`;
  });
  return [...intervals, ...calendars].join(', ');
}
