import { EXIT } from '../exit-codes.ts';
import { notOwner } from '../mirror-lock.ts';
import type { CommandAction } from '../program.ts';
import { openRuntime } from '../runtime.ts';
import { untilAborted } from '../until-aborted.ts';

/** Keeps the mirror up to date until it is told to stop, without doing tasks. */
export const run: CommandAction = async (context) => {
  const { config, output, signal } = context;
  const runtime = await openRuntime(context, {
    engine: 'ensured',
    mirror: true,
    purpose: 'rekindle mirror run',
  });
  try {
    if (runtime.mirror !== 'owner') throw notOwner(config.database.path, runtime.mirror);
    output.result({ status: 'mirroring', path: config.database.path }, [
      output.texts.mirrorReady(config.database.path),
    ]);
    await untilAborted(signal);
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
};
