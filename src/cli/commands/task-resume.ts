import type { CommandAction } from '../command-spec.ts';
import { steer } from '../steer.ts';

/** Lets a paused task go on. */
export const run: CommandAction = (context, [id = '']) =>
  steer(context, id, (task) => task.resume(), context.output.texts.taskResumed(id));
