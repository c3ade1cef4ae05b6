import { RekindleError } from '../../domain/error-codes.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandAction } from '../program.ts';
import { openRuntime } from '../runtime.ts';
import { untilAborted } from '../until-aborted.ts';

/** Keeps the mirror up to date until it is told to stop, without doing tasks. */
export const run: CommandAction = async (context) => {
  const { config, output, signal } = context;
  const runtime = await openRuntime(context, {
    engine: 'running',
    mirror: true,
    purpose: 'rekindle mirror run',
  });
  try {
    if (!runtime.ownsMirror) {
      throw new RekindleError('TASK_STATE', `another process keeps ${config.database.path} up to date`, {
        hint: 'One is enough; stop the other one first if this shall take over.',
      });
    }
    output.result({ status: 'mirroring', path: config.database.path }, [
      output.texts.mirrorReady(config.database.path),
    ]);
    await untilAborted(signal);
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
};
