import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { MirrorShrunk } from '../../activities/maintenance-types.ts';
import { RekindleError } from '../../domain/error-codes.ts';
import { MONITORING_QUEUE } from '../../domain/queues.ts';
import { databaseStatistics, giveSpaceBack, MirrorKeeper } from '../../mirror/index.ts';
import { temporalStatus } from '../../monitoring/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { maintenanceTexts } from '../maintenance-texts.ts';
import { notOwner, tryOwnMirror } from '../mirror-lock.ts';
import { withMirror } from '../read-mirror.ts';
import { bytes } from '../render/amounts.ts';
import { openRuntime } from '../runtime.ts';

/** Gives the space of what was removed back to the disk; beside a running `up` that does it itself. */
export const run: CommandAction = async (context) => {
  const { config, output } = context;
  const { path } = config.database;
  // A mirror that is not there is not made.
  await withMirror(context, () => undefined);
  const owned = tryOwnMirror(path, 'rekindle mirror vacuum');
  if (owned === 'read-only') throw notOwner(path, owned);
  const shrunk =
    owned === 'busy' ? await beside(context) : await alone(context).finally(() => owned.release());
  const size = await withMirror(context, (mirror) => databaseStatistics(mirror).db_size);
  output.result(
    {
      path,
      bytes_given_back: shrunk.bytes,
      db_size: size,
      free_share_before: shrunk.freeBefore,
      free_share: shrunk.freeAfter,
    },
    [maintenanceTexts(config.locale).shrunk(bytes(Math.max(0, shrunk.bytes)), bytes(size))],
  );
  return EXIT.ok;
};

async function alone({ config, signal }: CommandContext): Promise<MirrorShrunk> {
  const keeper = new MirrorKeeper(config.database.path);
  try {
    return await giveSpaceBack(keeper, { signal });
  } finally {
    keeper.close();
  }
}

/** Only the mirror's owner writes it. */
async function beside(context: CommandContext): Promise<MirrorShrunk> {
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle mirror vacuum' });
  try {
    const { client } = runtime.connection;
    // A command keeps it for its own time only, and takes no orders.
    if (!(await temporalStatus(client).isPolled(MONITORING_QUEUE))) throw ownedByCommand(context);
    return await askOwner(client);
  } finally {
    await runtime.close();
  }
}

function ownedByCommand({ config }: CommandContext): RekindleError {
  return new RekindleError('TASK_STATE', `a command keeps ${config.database.path} just now`, {
    hint: 'Try again when it has ended.',
  });
}

async function askOwner(client: Client): Promise<MirrorShrunk> {
  try {
    return await client.workflow.execute<() => Promise<MirrorShrunk>>('mirrorVacuum', {
      taskQueue: MONITORING_QUEUE,
      workflowId: 'mirror-vacuum',
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowExecutionTimeout: '10 minutes',
    });
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw new RekindleError('MIRROR_UNAVAILABLE', 'the process that keeps the mirror could not do it', {
      hint: '`rekindle health` says how the mirror stands.',
      cause: error,
    });
  }
}
