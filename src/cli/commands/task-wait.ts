import { TaskFailedError } from '../../client/task-handle.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { TaskView } from '../../domain/task-record.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { taskLines } from '../render/task.ts';
import { openRuntime, requireService } from '../runtime.ts';
import { rejectWhenAborted } from '../until-aborted.ts';

/** Waits for the end of a task; fails when the task failed. */
export const run: CommandAction = async (context, [id = '']) => {
  requireService(context);
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle task wait' });
  const task = runtime.client.task(id);
  try {
    const result = await Promise.race([task.wait(), rejectWhenAborted(context.signal)]);
    return say(context, (await task.show()).view, result, EXIT.ok);
  } catch (error) {
    if (!(error instanceof TaskFailedError)) throw error;
    return say(context, error.view, null, EXIT.failed);
  } finally {
    await runtime.close();
  }
};

function say({ output, config }: CommandContext, view: TaskView, result: unknown, exitCode: number): number {
  output.result({ ...view, result } as unknown as JsonObject, taskLines(view, output.texts, config.locale));
  return exitCode;
}
