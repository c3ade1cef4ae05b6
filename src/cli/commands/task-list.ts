import type { TaskFilter } from '../../client/rekindle-client.ts';
import { RekindleError } from '../../domain/error-codes.ts';
import type { JsonObject } from '../../domain/json.ts';
import { isTaskStatus, TASK_STATUSES } from '../../domain/task.ts';
import { UnreadableTasks } from '../../tasks/unreadable-tasks.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { table } from '../render/table.ts';
import { openRuntime } from '../runtime.ts';
import { warnUnreadable } from '../warn-unreadable.ts';

interface ListOptions extends GlobalOptions {
  readonly status?: string;
  readonly type?: string;
  readonly olderThan?: string;
  readonly limit?: string;
}

const HOUR_MS = 3_600_000;

/** Lists tasks, the newest first. */
export const run: CommandAction<ListOptions> = async (context, _args, options) => {
  const filter = filterOf(options);
  const runtime = await openRuntime(context, { engine: 'ensured', purpose: 'rekindle task list' });
  const unreadable = new UnreadableTasks();
  const tasks = await runtime.client
    .list({ ...filter, onUnreadable: unreadable.note })
    .finally(() => runtime.close());
  warnUnreadable(context, unreadable);
  const { columns, noTasks } = context.output.texts;
  const rows = tasks.map((task) => [
    task.task_id,
    task.task_type,
    task.status,
    `${task.progress} %`,
    task.updated_at,
    task.last_error?.message ?? '',
  ]);
  const head = [columns.task, columns.type, columns.status, columns.progress, columns.updated, columns.error];
  context.output.result(
    { tasks: tasks as unknown as JsonObject[] },
    rows.length > 0 ? table([head, ...rows]) : [noTasks],
  );
  return EXIT.ok;
};

function filterOf({ status, type, olderThan, limit }: ListOptions): TaskFilter {
  if (status !== undefined && !isTaskStatus(status)) {
    throw usage(`--status ${status} is no status`, `Use one of ${TASK_STATUSES.join(', ')}.`);
  }
  return {
    ...(status === undefined ? {} : { status }),
    ...(type === undefined ? {} : { type }),
    ...(olderThan === undefined ? {} : { olderThanMs: positive('--older-than', olderThan) * HOUR_MS }),
    ...(limit === undefined ? {} : { limit: positive('--limit', limit) }),
  };
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw usage(`${flag} ${text} is no positive number`, `Write it like ${flag} 10.`);
}

function usage(message: string, hint: string): RekindleError {
  return new RekindleError('INVALID_INPUT', message, { hint });
}
