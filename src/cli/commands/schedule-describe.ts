import { describeSchedule } from '../../engine/schedule-view.ts';
import type { CommandAction } from '../command-spec.ts';
import { scheduleLines } from '../render/schedule.ts';
import { actOnSchedule } from './schedule-act.ts';

/** Shows one schedule. */
export const run: CommandAction = async (context, [id = '']) =>
  await actOnSchedule(
    context,
    'describe',
    (client) => describeSchedule(client, id),
    (schedule) => scheduleLines(schedule, context.output.texts),
  );
