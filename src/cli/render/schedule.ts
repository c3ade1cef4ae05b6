import type { ScheduleView } from '../../engine/schedule-view.ts';
import type { Texts } from '../texts.ts';
import { table } from './table.ts';

/** A line for each schedule. */
export function scheduleTable(schedules: readonly ScheduleView[], texts: Texts): string[] {
  const { schedule: columns } = texts;
  const rows = schedules.map(({ id, every, paused, last_at, next_at, runs }) => [
    id,
    every,
    paused ? columns.paused : columns.active,
    shortTime(last_at),
    paused ? '–' : shortTime(next_at),
    String(runs),
  ]);
  return table([
    [columns.id, columns.every, columns.state, columns.last, columns.next, columns.runs],
    ...rows,
  ]);
}

/** All that is known of one schedule. */
export function scheduleLines(schedule: ScheduleView, texts: Texts): string[] {
  const { schedule: columns } = texts;
  const recent = schedule.recent
    .slice(0, 5)
    .map(({ at, workflow_id }) => ['', `${shortTime(at)}  ${workflow_id}`]);
  return table([
    [columns.id, schedule.id],
    [columns.every, schedule.every],
    [columns.state, schedule.paused ? columns.paused : columns.active],
    [columns.note, schedule.note ?? '–'],
    [columns.starts, `${schedule.workflow_type} (${schedule.task_queue})`],
    [columns.next, schedule.paused ? '–' : shortTime(schedule.next_at)],
    [columns.running, schedule.running.join(', ') || '–'],
    [columns.runs, String(schedule.runs)],
    ...recent,
  ]);
}

/** To the second, as people read it; `–` for none. */
export function shortTime(iso: string | null): string {
  return iso === null ? '–' : iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}
