import { VisibilitySource } from '../../client/visibility-source.ts';
import { RekindleError } from '../../domain/error-codes.ts';
import type { JsonObject } from '../../domain/json.ts';
import { rebuildMirror } from '../../mirror/index.ts';
import { EXIT } from '../exit-codes.ts';
import { tryOwnMirror } from '../mirror-owner.ts';
import type { CommandAction } from '../program.ts';
import { openRuntime } from '../runtime.ts';

/** Makes the mirror anew from Temporal. */
export const run: CommandAction = async (context) => {
  const { config, output, signal } = context;
  const owned = tryOwnMirror(config, 'rekindle mirror rebuild');
  if (!owned) {
    throw new RekindleError('TASK_STATE', 'another process is writing the mirror', {
      hint: 'A running `rekindle up` repairs the mirror by itself: delete the file and it is rebuilt. Or stop it first.',
    });
  }
  try {
    const runtime = await openRuntime(context, { engine: 'ensured', purpose: 'rekindle mirror rebuild' });
    const source = new VisibilitySource(runtime.connection.client);
    const result = await rebuildMirror(config.database.path, source, { signal }).finally(() =>
      runtime.close(),
    );
    output.result(result as unknown as JsonObject, [
      output.texts.mirrorRebuilt(result.records),
      ...result.problems,
    ]);
    return EXIT.ok;
  } finally {
    owned.release();
  }
};
