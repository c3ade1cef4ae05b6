import { join } from 'node:path';
import { loadReport } from '../../report/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { monitoringTexts } from '../monitoring-texts.ts';
import { reportLines } from '../render/report.ts';
import { reportKindOf } from './report-list.ts';

interface ReportShowOptions extends GlobalOptions {
  readonly kind?: string;
}

/** Shows one report, by default the latest. Needs nothing running. */
export const run: CommandAction<ReportShowOptions> = async ({ config, output }, [name], { kind }) => {
  const stored = await loadReport(join(config.dataDir, 'reports'), name ?? 'latest', reportKindOf(kind));
  const texts = monitoringTexts(config.locale);
  for (const what of stored.damaged) output.say(texts.report.passedOver(what));
  output.result(stored.report, reportLines(stored, texts));
  return EXIT.ok;
};
