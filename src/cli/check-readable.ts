import { connect } from '../engine/connect.ts';
import { engineStatus, runningEngine } from '../engine/embedded.ts';
import { taskRecords } from '../tasks/task-records.ts';
import { UnreadableTasks } from '../tasks/unreadable-tasks.ts';
import type { Found } from './checkup.ts';
import type { CommandContext } from './context.ts';

/** The newest runs are enough to see that a key is missing. */
const LOOKED_AT = 1000;

/** Whether tasks can be read with the keys there are: those that cannot are left out of lists and of the mirror. */
export async function checkReadable({ config }: CommandContext): Promise<Found> {
  if (!config.temporal && !engineStatus(config.dataDir)) return ok('not looked at; the server does not run');
  const { client, close } = await connect(config, runningEngine(config));
  try {
    const unreadable = new UnreadableTasks();
    let left = LOOKED_AT;
    for await (const _ of taskRecords(client, undefined, unreadable.note)) {
      left -= 1;
      if (left === 0) break;
    }
    if (unreadable.warning === null) return ok(`${LOOKED_AT - left} runs of tasks can be read`);
    const hint =
      'Add the key to encryption.keys, here and where the workers run; what waits for it goes on then.';
    return { level: 'warning', detail: unreadable.warning, hint };
  } finally {
    await close();
  }
}

function ok(detail: string): Found {
  return { level: 'ok', detail, hint: null };
}
