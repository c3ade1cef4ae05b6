import type { UnreadableTasks } from '../tasks/unreadable-tasks.ts';
import type { CommandContext } from './context.ts';

/** Says what a command has left out, in one warning. */
export async function warnUnreadable(context: CommandContext, { warning }: UnreadableTasks): Promise<void> {
  if (warning !== null) (await context.logger()).warn(warning);
}
