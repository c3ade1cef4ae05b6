import { RekindleError } from '../../domain/error-codes.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandAction } from '../program.ts';
import { openRuntime } from '../runtime.ts';
import { untilAborted } from '../until-aborted.ts';

/** Runs everything in the foreground until it is told to stop. */
export const run: CommandAction = async (context) => {
  const { config, output, signal } = context;
  const runtime = await openRuntime(context, {
    engine: 'ensured',
    worker: 'service',
    mirror: true,
    purpose: 'rekindle up',
  });
  try {
    const { address, uiAddress } = runtime.engine;
    output.result({ status: 'up', address, ui_address: uiAddress, data_dir: config.dataDir }, [
      ...(uiAddress ? [output.texts.webUi(uiAddress)] : []),
      output.texts.upReady(config.dataDir),
    ]);
    await Promise.race([untilAborted(signal), workerEnd(runtime.worker?.done)]);
    output.say(output.texts.stopping);
    return EXIT.ok;
  } finally {
    await runtime.close();
    output.say(output.texts.stopped);
  }
};

/** A worker that ends by itself is a fault. */
async function workerEnd(done: Promise<void> | undefined): Promise<void> {
  await done;
  throw new RekindleError('ENGINE_UNAVAILABLE', 'the worker has stopped by itself', {
    hint: 'The log above says why; start it again.',
  });
}
