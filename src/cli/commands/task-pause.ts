import type { CommandAction } from '../command-spec.ts';
import { steer } from '../steer.ts';

/** Stops a task's running step, which keeps what it has. */
export const run: CommandAction = (context, [id = '']) =>
  steer(context, id, (task) => task.pause(), context.output.texts.taskPaused(id));
