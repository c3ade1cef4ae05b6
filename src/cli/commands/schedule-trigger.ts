import { describeSchedule } from '../../engine/schedule-view.ts';
import { triggerSchedule } from '../../engine/schedules.ts';
import type { CommandAction } from '../command-spec.ts';
import { requireService } from '../runtime.ts';
import { actOnSchedule } from './schedule-act.ts';

/** Starts now what a schedule starts. */
export const run: CommandAction = async (context, [id = '']) => {
  requireService(context);
  return await actOnSchedule(
    context,
    'trigger',
    async (client) => {
      await triggerSchedule(client, id);
      return await describeSchedule(client, id);
    },
    () => [context.output.texts.schedule.isTriggered(id)],
  );
};
