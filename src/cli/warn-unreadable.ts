import type { UnreadableTasks } from '../tasks/unreadable-tasks.ts';
import type { CommandContext } from './context.ts';

/** Says what a command has left out, in one warning beside its result. */
export function warnUnreadable({ output }: CommandContext, { warning }: UnreadableTasks): void {
  if (warning !== null) output.say(output.texts.warning(warning));
}
