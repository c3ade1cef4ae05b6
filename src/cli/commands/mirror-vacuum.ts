import type { MirrorShrunk } from '../../activities/maintenance-types.ts';
import { MONITORING_QUEUE } from '../../domain/queues.ts';
import { databaseStatistics, giveSpaceBack } from '../../mirror/index.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { maintenanceTexts } from '../maintenance-texts.ts';
import { withMirror } from '../read-mirror.ts';
import { bytes } from '../render/amounts.ts';
import { askOwner, throughOwner } from '../through-owner.ts';

/** Gives the space of what was removed back to the disk; beside a running `up` that does it itself. */
export const run: CommandAction = async (context) => {
  const { config, output } = context;
  const { path } = config.database;
  // A mirror that is not there is not made.
  await withMirror(context, () => undefined);
  const shrunk = await throughOwner<MirrorShrunk>(context, {
    purpose: 'rekindle mirror vacuum',
    alone: (mirror) => giveSpaceBack(mirror, { signal: context.signal }),
    beside: (client) =>
      askOwner(client, 'mirrorVacuum', {
        taskQueue: MONITORING_QUEUE,
        workflowId: 'mirror-vacuum',
        args: [],
        timeout: '10 minutes',
        signal: context.signal,
      }),
  });
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
