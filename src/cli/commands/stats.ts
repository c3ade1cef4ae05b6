import { countActiveResources } from '../../client/resource-locks.ts';
import type { JsonObject } from '../../domain/json.ts';
import {
  countRecoveryEvents,
  databaseStatistics,
  MirrorKeeper,
  type RetryStatistics,
  retryStatistics,
  targetCounts,
} from '../../mirror/index.ts';
import { type MeasuredTarget, measureTargets } from '../../report/index.ts';
import { UnreadableTasks } from '../../tasks/unreadable-tasks.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { maintenanceTexts } from '../maintenance-texts.ts';
import { monitoringTexts } from '../monitoring-texts.ts';
import { bytes } from '../render/amounts.ts';
import { retryLines } from '../render/retries.ts';
import { table } from '../render/table.ts';
import { targetLines } from '../render/targets.ts';
import { openRuntime } from '../runtime.ts';
import { warnUnreadable } from '../warn-unreadable.ts';

/** What targets are measured over, and retries counted: as far back as the pattern analysis looks. */
const TARGET_DAYS = 7;
const DAY_MS = 86_400_000;

/** Counts of tasks from Temporal, of the mirror file, and how the system does against its targets. */
export const run: CommandAction = async (context) => {
  const runtime = await openRuntime(context, { engine: 'ensured', mirror: true, purpose: 'rekindle stats' });
  const { client } = runtime.connection;
  const unreadable = new UnreadableTasks();
  const [tasks, activeResources] = await Promise.all([
    runtime.client.statistics(unreadable.note),
    countActiveResources({ config: context.config, client }),
  ]).finally(() => runtime.close());
  warnUnreadable(context, unreadable);
  const { database, targets, retries, recoveryEvents } = await mirrorFacts(context);
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
    [texts.statActiveResources, String(activeResources)],
    [maintenanceTexts(context.config.locale).recoveryEvents, String(recoveryEvents ?? '–')],
    [texts.statDatabase, database ? `${String(database.path)}  ${bytes(Number(database.db_size))}` : '–'],
  ];
  const measured = targets.length > 0;
  context.output.result(
    {
      tasks: tasks as unknown as JsonObject,
      active_resources: activeResources,
      recovery_events_7days: recoveryEvents,
      database,
      targets: measured ? (targets as unknown as JsonObject[]) : null,
      targets_days: TARGET_DAYS,
      retries: retries as unknown as JsonObject | null,
    },
    [
      ...table(rows),
      ...(retries ? retryLines(retries, TARGET_DAYS, maintenanceTexts(context.config.locale)) : []),
      ...(measured ? targetLines(targets, TARGET_DAYS, monitoringTexts(context.config.locale)) : []),
    ],
  );
  return EXIT.ok;
};

/** What only the mirror knows; nothing when it cannot be read, which must not hide the tasks. */
async function mirrorFacts({ config, logger }: CommandContext): Promise<{
  readonly database: JsonObject | null;
  readonly targets: readonly MeasuredTarget[];
  readonly retries: RetryStatistics | null;
  readonly recoveryEvents: number | null;
}> {
  const keeper = new MirrorKeeper(config.database.path, { readonly: true });
  try {
    const mirror = keeper.get();
    const untilMs = Date.now();
    const span = { sinceMs: untilMs - TARGET_DAYS * DAY_MS, untilMs };
    return {
      database: databaseStatistics(mirror) as unknown as JsonObject,
      targets: measureTargets(targetCounts(mirror, span), config.locale),
      retries: retryStatistics(mirror, span),
      recoveryEvents: countRecoveryEvents(mirror, untilMs),
    };
  } catch (error) {
    (await logger()).warn({ err: error }, 'the mirror cannot be read');
    return { database: null, targets: [], retries: null, recoveryEvents: null };
  } finally {
    keeper.close();
  }
}
