import type { CommandAction } from '../command-spec.ts';
import { sayDiagnosticsWhenAsked } from '../diagnostics.ts';
import { EXIT } from '../exit-codes.ts';
import { openRuntime } from '../runtime.ts';
import { untilAborted } from '../until-aborted.ts';

/** Runs a worker alone, on the configured Temporal server or the data directory's own. */
export const run: CommandAction = async (context) => {
  const { config, output, signal } = context;
  sayDiagnosticsWhenAsked(context.logger);
  const runtime = await openRuntime(context, {
    engine: 'ensured',
    worker: 'service',
    purpose: 'rekindle worker',
  });
  try {
    const { address } = runtime.engine;
    output.result({ status: 'working', address, task_queue: config.taskQueue }, [
      output.texts.workerReady(config.taskQueue, address),
    ]);
    await Promise.race([untilAborted(signal), runtime.worker?.done]);
    return EXIT.ok;
  } finally {
    output.say(output.texts.stopping);
    await runtime.close();
  }
};
