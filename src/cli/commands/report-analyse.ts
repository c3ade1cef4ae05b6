import { basename, join } from 'node:path';
import type { JsonObject } from '../../domain/json.ts';
import { withFailureRows } from '../../mirror/index.ts';
import { writeAnalysis } from '../../report/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { monitoringTexts } from '../monitoring-texts.ts';
import { withMirror } from '../read-mirror.ts';
import { reportLines } from '../render/report.ts';
import { countOf } from '../since.ts';

interface AnalyseOptions extends GlobalOptions {
  readonly days?: string;
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 365;

/** Analyses the failures that the mirror has, now. Needs nothing running. */
export const run: CommandAction<AnalyseOptions> = async (context, _args, { days = '7' }) => {
  const { config, output, signal } = context;
  const periodMs = countOf('--days', days, MOST_DAYS) * DAY_MS;
  const { path, report } = await withMirror(context, (mirror) =>
    writeAnalysis((sinceMs, untilMs, onBatch) => withFailureRows(mirror, sinceMs, untilMs, onBatch), {
      toMs: Date.now(),
      periodMs,
      locale: config.locale,
      directory: join(config.dataDir, 'reports'),
      onProgress: () => signal.throwIfAborted(),
    }),
  );
  const texts = monitoringTexts(config.locale);
  const stored = {
    name: basename(path, '.json'),
    kind: 'failure_analysis' as const,
    path,
    report: report as unknown as JsonObject,
    damaged: [],
  };
  output.result({ path, report: stored.report }, [...reportLines(stored, texts), texts.report.written(path)]);
  return EXIT.ok;
};
