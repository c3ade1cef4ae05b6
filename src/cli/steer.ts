import type { TaskHandle } from '../client/task-handle.ts';
import type { JsonObject } from '../domain/json.ts';
import type { CommandContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { openRuntime, requireService } from './runtime.ts';

/** Does something to a task that is under way, and says what came of it. */
export async function steer(
  context: CommandContext,
  id: string,
  what: (task: TaskHandle) => Promise<unknown>,
  text: string,
): Promise<number> {
  requireService(context);
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle task' });
  try {
    const task = runtime.client.task(id);
    await what(task);
    const { view } = await task.show();
    context.output.result(view as unknown as JsonObject, [text]);
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
}
