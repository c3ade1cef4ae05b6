import type { JsonObject } from '../../domain/json.ts';
import { listFailures, type MirrorFailure } from '../../mirror/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { requireCategory } from '../known-category.ts';
import { type MonitoringTexts, monitoringTexts } from '../monitoring-texts.ts';
import { withMirror } from '../read-mirror.ts';
import { oneLine } from '../render/report.ts';
import { table } from '../render/table.ts';
import { countOf, sinceOf } from '../since.ts';

interface FailureListOptions extends GlobalOptions {
  readonly category?: string;
  readonly type?: string;
  readonly fingerprint?: string;
  readonly since?: string;
  readonly limit?: string;
}

/** Lists failed runs with what was done about them, from the mirror. Needs nothing running. */
export const run: CommandAction<FailureListOptions> = async (context, _args, options) => {
  const { category, type, fingerprint, since, limit } = options;
  const filter = {
    category,
    type,
    fingerprint,
    sinceMs: since === undefined ? undefined : sinceOf(since),
    limit: limit === undefined ? 100 : countOf('--limit', limit),
  };
  const failures = await withMirror(context, (mirror) => listFailures(mirror, filter));
  // Past failures may have a category that nobody knows any more.
  if (failures.length === 0 && category !== undefined) await requireCategory(context.config, category);
  const texts = monitoringTexts(context.config.locale).failure;
  const rows = failures.map((failure) => [
    failure.failed_at,
    failure.task_id,
    failure.task_type,
    failure.category,
    doneAbout(failure, texts),
    failure.fingerprint || '–',
    oneLine(failure.message),
  ]);
  context.output.result(
    { failures: failures as unknown as JsonObject[] },
    rows.length > 0 ? table([texts.columns, ...rows]) : [texts.none],
  );
  return EXIT.ok;
};

function doneAbout(
  { action, attempt, delay_seconds, detail }: MirrorFailure,
  texts: MonitoringTexts['failure'],
): string {
  if (action === null) return texts.waiting;
  if (action === 'auto_recovery' && attempt !== null)
    return texts.recoveredIn(attempt, Math.round(delay_seconds ?? 0));
  const said = texts.actions[action];
  const told = action === 'skipped' || action === 'error' ? detail : null;
  return told ? `${said} (${oneLine(told)})` : said;
}
