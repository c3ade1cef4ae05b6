import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { steer } from '../steer.ts';

/** Ends a task for good; what it fetched is removed unless it shall be kept. */
export const run: CommandAction<GlobalOptions & { readonly keep?: boolean }> = (
  context,
  [id = ''],
  options,
) => {
  const keep = options.keep ?? false;
  return steer(context, id, (task) => task.cancel({ keep }), context.output.texts.taskCancelled(id, keep));
};
