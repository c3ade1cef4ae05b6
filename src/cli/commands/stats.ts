import type { JsonObject } from '../../domain/json.ts';
import { databaseStatistics, MirrorKeeper } from '../../mirror/index.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandAction } from '../program.ts';
import { bytes } from '../render/amounts.ts';
import { table } from '../render/table.ts';
import { openRuntime } from '../runtime.ts';

/** Counts of tasks from Temporal, and of the mirror file. */
export const run: CommandAction = async (context) => {
  const runtime = await openRuntime(context, { engine: 'ensured', mirror: true, purpose: 'rekindle stats' });
  const tasks = await runtime.client.statistics().finally(() => runtime.close());
  const database = await databaseOf(context);
  const { texts } = context.output;
  const counts = (of: Readonly<Record<string, number>>): string[][] =>
    Object.entries(of).map(([name, n]) => [`  ${name}`, String(n)]);
  const rows = [
    [texts.statTasks, String(tasks.total)],
    [texts.statResumable, String(tasks.resumable_count)],
    [texts.statByStatus],
    ...counts(tasks.by_status),
    [texts.statByType],
    ...counts(tasks.by_type),
    [texts.statDatabase, database ? `${String(database.path)}  ${bytes(Number(database.db_size))}` : '–'],
  ];
  context.output.result({ tasks: tasks as unknown as JsonObject, database }, table(rows));
  return EXIT.ok;
};

/** The mirror's own numbers; null when it cannot be read, which must not hide the tasks. */
async function databaseOf({ config, logger }: CommandContext): Promise<JsonObject | null> {
  const mirror = new MirrorKeeper(config.database.path, { readonly: true });
  try {
    return databaseStatistics(mirror.get()) as unknown as JsonObject;
  } catch (error) {
    (await logger()).warn({ err: error }, 'the mirror cannot be read');
    return null;
  } finally {
    mirror.close();
  }
}
