import { setSchedulePaused } from '../../engine/schedule-view.ts';
import type { CommandAction } from '../command-spec.ts';
import { actOnSchedule } from './schedule-act.ts';

/** Lets a paused schedule go on. */
export const run: CommandAction = async (context, [id = '']) =>
  await actOnSchedule(
    context,
    'resume',
    (client) => setSchedulePaused(client, id, false),
    (schedule) => [context.output.texts.schedule.isResumed(id, schedule.next_at)],
  );
