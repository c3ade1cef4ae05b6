import { setSchedulePaused } from '../../engine/schedule-view.ts';
import type { CommandAction } from '../command-spec.ts';
import { actOnSchedule } from './schedule-act.ts';

/** Keeps a schedule from starting anything until it is resumed. */
export const run: CommandAction = async (context, [id = '']) =>
  await actOnSchedule(
    context,
    'pause',
    (client) => setSchedulePaused(client, id, true, 'paused by `rekindle schedule pause`'),
    () => [context.output.texts.schedule.isPaused(id)],
  );
