import type { JsonObject } from '../../domain/json.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { scheduleTable } from '../render/schedule.ts';
import { openRuntime } from '../runtime.ts';

/** Lists the schedules. */
export const run: CommandAction = async (context) => {
  const { output } = context;
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle schedule list' });
  try {
    const { listSchedules } = await import('../../engine/schedule-view.ts');
    const schedules = await listSchedules(runtime.connection.client);
    const lines = schedules.length > 0 ? scheduleTable(schedules, output.texts) : [output.texts.noSchedules];
    output.result({ schedules: schedules as unknown as JsonObject[] }, lines);
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
};
