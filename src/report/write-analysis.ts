import { type AnalysisOptions, type AnalysisReport, FailureAnalysis, type FailureRow } from './analysis.ts';
import { writeReport } from './write-report.ts';

/** Gives the failures of a span of time in batches, and the thread back between them. */
export type FailureSource = (
  sinceMs: number,
  untilMs: number,
  onBatch: (rows: readonly FailureRow[]) => void,
) => Promise<unknown>;

/** What {@link writeAnalysis} may be told beside the options of the analysis. */
export interface WriteAnalysisOptions extends AnalysisOptions {
  /** Where reports are kept. */
  readonly directory: string;
  /** Called after each batch with the rows read so far; what it throws ends the analysis. */
  readonly onProgress?: (rows: number) => void;
}

/**
 * Analyses what a source gives and writes the report. The report's name has the end of the period, so an analysis that is
 * done again finds its report and leaves it.
 * @throws what the source throws; RekindleError NOT_WRITABLE, DISK_FULL.
 */
export async function writeAnalysis(
  source: FailureSource,
  { directory, onProgress, ...options }: WriteAnalysisOptions,
): Promise<{ readonly path: string; readonly report: AnalysisReport }> {
  const analysis = new FailureAnalysis(options);
  let read = 0;
  await source(analysis.previousFromMs, options.toMs, (rows) => {
    for (const row of rows) analysis.add(row);
    read += rows.length;
    onProgress?.(read);
  });
  const report = analysis.report();
  return { path: await writeReport(directory, 'failure_analysis', report, options.toMs), report };
}
