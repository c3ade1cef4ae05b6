import type { Client } from '@temporalio/client';
import type { JsonObject } from '../../domain/json.ts';
import type { ScheduleView } from '../../engine/schedule-view.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { openRuntime } from '../runtime.ts';

/** Does something with one schedule on the running engine, and says what it is like then. */
export async function actOnSchedule(
  context: CommandContext,
  what: string,
  act: (client: Client) => Promise<ScheduleView>,
  lines: (schedule: ScheduleView) => readonly string[],
): Promise<number> {
  const runtime = await openRuntime(context, { engine: 'running', purpose: `rekindle schedule ${what}` });
  try {
    const schedule = await act(runtime.connection.client);
    context.output.result(schedule as unknown as JsonObject, lines(schedule));
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
}
