import { setSchedulePaused } from '../../engine/schedule-view.ts';
import { systemSchedules } from '../../engine/system-schedules.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { shortTime } from '../render/schedule.ts';
import { actOnSchedule } from './schedule-act.ts';

/** Lets a paused schedule go on. */
export const run: CommandAction = async (context, [id = '']) =>
  await actOnSchedule(
    context,
    'resume',
    (client) => setSchedulePaused(client, id, false, noteOf(context, id)),
    (schedule) => [
      context.output.texts.schedule.isResumed(id, schedule.next_at && shortTime(schedule.next_at)),
    ],
  );

/** Pausing wrote over what the schedule is for. */
function noteOf({ config }: CommandContext, id: string): string {
  return (
    systemSchedules(config).find((one) => one.id === id)?.note ?? 'resumed by `rekindle schedule resume`'
  );
}
