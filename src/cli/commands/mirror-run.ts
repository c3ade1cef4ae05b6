import type { CommandAction } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { type House, keepHouse } from '../keep-house.ts';
import { notOwner } from '../mirror-lock.ts';
import { openRuntime } from '../runtime.ts';
import { untilAborted } from '../until-aborted.ts';

const PURPOSE = 'rekindle mirror run';

/** What extensions want done before the process ends. */
async function endHandlers({ config, logger }: CommandContext): Promise<void> {
  const [{ loadExtensions }, { loggedShutdown }] = await Promise.all([
    import('../../extensions.ts'),
    import('../../lifecycle/logged-shutdown.ts'),
  ]);
  await loggedShutdown(await loadExtensions(config), await logger()).run();
}

/** Keeps the mirror up to date and looks after failed tasks until it is told to stop, without doing tasks. */
export const run: CommandAction = async (context) => {
  const { config, output, signal } = context;
  const runtime = await openRuntime(context, { engine: 'ensured', purpose: PURPOSE });
  let house: House | undefined;
  try {
    house = await keepHouse(config, runtime.connection, PURPOSE, await context.logger());
    if (house.state !== 'owner') throw notOwner(config.database.path, house.state);
    output.result({ status: 'mirroring', path: config.database.path }, [
      output.texts.mirrorReady(config.database.path),
    ]);
    await untilAborted(signal);
    return EXIT.ok;
  } finally {
    await house?.stop();
    await endHandlers(context);
    await runtime.close();
  }
};
