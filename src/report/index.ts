/** Reports: pure functions from rows to the documented JSON, and the one that writes it to a file. */
export {
  type AnalysisOptions,
  type AnalysisReport,
  analyseFailures,
  FailureAnalysis,
  type FailureRow,
} from './analysis.ts';
export { type Fingerprint, fingerprintOf } from './fingerprint.ts';
export {
  countFailure,
  noCounts,
  type ProcessedFailure,
  type ProcessingCounts,
  type ProcessingError,
  type ProcessingReport,
  type ProcessingReportOptions,
  type ProcessingResult,
  processingReport,
} from './processing-report.ts';
export type { SkipReason } from './processing-texts.ts';
export type { ProposedRule } from './propose-rule.ts';
export {
  listReports,
  loadReport,
  type ReportEntry,
  type ReportFilter,
  type ReportList,
  type StoredReport,
} from './read-reports.ts';
export { type ReportsRemoved, removeReports } from './remove-reports.ts';
export {
  type Durations,
  durationsOf,
  type MeasuredTarget,
  measureTargets,
  type TargetCounts,
  type TargetId,
} from './targets.ts';
export { type FailureSource, type WriteAnalysisOptions, writeAnalysis } from './write-analysis.ts';
export { writeProcessing } from './write-processing.ts';
export { REPORT_FILE, REPORT_KINDS, type ReportKind, writeReport } from './write-report.ts';
