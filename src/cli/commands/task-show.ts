import type { JsonObject } from '../../domain/json.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { taskLines } from '../render/task.ts';
import { openRuntime } from '../runtime.ts';

/** Shows one task, with what its running step said last. */
export const run: CommandAction = async (context, [id = '']) => {
  const runtime = await openRuntime(context, { engine: 'ensured', purpose: 'rekindle task show' });
  const { view, live } = await runtime.client
    .task(id)
    .show()
    .finally(() => runtime.close());
  const object = { ...view, live: live ?? null } as unknown as JsonObject;
  context.output.result(object, taskLines(view, context.output.texts, context.config.locale));
  return EXIT.ok;
};
