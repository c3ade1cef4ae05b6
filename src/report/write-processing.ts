import { StreamedList } from './json-chunks.ts';
import {
  countFailure,
  errorOf,
  frameOf,
  noCounts,
  type ProcessedFailure,
  type ProcessingReportOptions,
  resultOf,
} from './processing-report.ts';
import { writeReport } from './write-report.ts';

/**
 * Writes the report of a failure scan, the same as `processingReport` makes, without ever having more than one of its
 * entries in memory.
 * @param processed what the scan did, one after the other; called for each of the three passes.
 * @returns the file's path.
 * @throws what `processed` throws; RekindleError NOT_WRITABLE, DISK_FULL.
 */
export async function writeProcessing(
  directory: string,
  processed: () => AsyncIterable<ProcessedFailure>,
  options: ProcessingReportOptions,
): Promise<string> {
  const counts = noCounts();
  for await (const failure of processed()) countFailure(counts, failure);
  const errors = new StreamedList(() => eachOf(processed(), errorOf));
  const results = new StreamedList(() => eachOf(processed(), (failure) => resultOf(failure, options.locale)));
  const report = frameOf(counts, counts.errors === 0 ? [] : errors, results, options);
  return await writeReport(directory, 'failure_processing', report, options.atMs);
}

async function* eachOf<T, R>(all: AsyncIterable<T>, entryOf: (one: T) => R | undefined): AsyncGenerator<R> {
  for await (const one of all) {
    const entry = entryOf(one);
    if (entry !== undefined) yield entry;
  }
}
