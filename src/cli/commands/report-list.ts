import { join } from 'node:path';
import { RekindleError } from '../../domain/error-codes.ts';
import type { JsonObject } from '../../domain/json.ts';
import { listReports, REPORT_KINDS, type ReportKind } from '../../report/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { monitoringTexts } from '../monitoring-texts.ts';
import { oneLine } from '../render/report.ts';
import { table } from '../render/table.ts';
import { countOf } from '../since.ts';

interface ReportListOptions extends GlobalOptions {
  readonly kind?: string;
  readonly limit?: string;
}

/** Lists the reports of scans and analyses. Needs nothing running. */
export const run: CommandAction<ReportListOptions> = async ({ config, output }, _args, { kind, limit }) => {
  const { reports, foreign } = await listReports(join(config.dataDir, 'reports'), {
    kind: reportKindOf(kind),
    limit: limit === undefined ? undefined : countOf('--limit', limit),
  });
  const texts = monitoringTexts(config.locale).report;
  const rows = reports.map(({ name, written_at, total, summary, problem }) => [
    name,
    written_at,
    total === null ? '–' : String(total),
    problem === null ? oneLine(summary ?? '') : `✗ ${problem}`,
  ]);
  output.result({ reports: reports as unknown as JsonObject[], foreign: [...foreign] }, [
    ...(rows.length > 0 ? table([texts.columns, ...rows]) : [texts.none]),
    ...(foreign.length > 0 ? [texts.foreign(foreign.join(', '))] : []),
  ]);
  return EXIT.ok;
};

/** @throws {RekindleError} INVALID_INPUT */
export function reportKindOf(kind: string | undefined): ReportKind | undefined {
  const known = REPORT_KINDS.find((one) => one === kind);
  if (kind === undefined || known) return known;
  throw new RekindleError('INVALID_INPUT', `--kind ${kind} is no kind of report`, {
    hint: `Use ${REPORT_KINDS.join(' or ')}.`,
  });
}
