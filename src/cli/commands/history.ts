import { RekindleError } from '../../domain/error-codes.ts';
import type { JsonObject } from '../../domain/json.ts';
import { getRecoveryHistory, type RecoveryLog } from '../../mirror/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { maintenanceTexts } from '../maintenance-texts.ts';
import { withMirror } from '../read-mirror.ts';
import { oneLine } from '../render/report.ts';
import { table } from '../render/table.ts';
import { countOf } from '../since.ts';

interface HistoryOptions extends GlobalOptions {
  readonly hours?: string;
  readonly type?: string;
  readonly task?: string;
  readonly limit?: string;
}

const DEFAULT_HOURS = 24;
const DEFAULT_LIMIT = 1000;

/** Shows the recovery log, from the mirror. Needs nothing running. */
export const run: CommandAction<HistoryOptions> = async (context, _args, { hours, type, task, limit }) => {
  const { config, output } = context;
  const filter = {
    hours: hours === undefined ? DEFAULT_HOURS : hoursOf(hours),
    recoveryType: type,
    taskId: task,
    limit: limit === undefined ? DEFAULT_LIMIT : countOf('--limit', limit),
  };
  const events = await withMirror(context, (mirror) => getRecoveryHistory(mirror, filter));
  const { none, columns, damaged } = maintenanceTexts(config.locale).history;
  const spoilt = events.filter(({ problems }) => problems.length > 0);
  output.result({ hours: filter.hours, events: events as unknown as JsonObject[] }, [
    ...(events.length > 0 ? table([columns, ...events.map(rowOf)]) : [none(filter.hours)]),
    ...spoilt.map(({ id, problems }) => output.texts.warning(damaged(id, problems.join('; ')))),
  ]);
  return EXIT.ok;
};

function rowOf({ created_at, recovery_type, status, task_id, session_id, details }: RecoveryLog): string[] {
  const told = Object.entries(details ?? {}).filter(([key, value]) => value !== null && key !== 'run_id');
  const text = told.map(
    ([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  return [created_at, recovery_type, status, task_id ?? '–', session_id ?? '–', oneLine(text.join(' '))];
}

/** @throws {RekindleError} INVALID_INPUT */
function hoursOf(text: string): number {
  const hours = Number(text);
  // Beyond that no date can be told.
  if (text.trim() !== '' && hours > 0 && hours < 1e6) return hours;
  throw new RekindleError('INVALID_INPUT', `--hours ${text} is no number of hours above 0`, {
    hint: 'Write it like --hours 24.',
  });
}
