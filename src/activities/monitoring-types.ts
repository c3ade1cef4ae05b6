/** What the workflows on queue `monitoring` know of their activities. */
import type { MessagesRead, ReadMessages } from '../domain/in-app-message.ts';

/** Activities of the pattern analysis, the health check, and of what people say and read. */
export interface MonitoringActivities {
  /** Analyses the failures of the 7 days before and writes the report. */
  readonly analysePatterns: (input: { readonly toMs: number }) => Promise<AnalysisSummary>;
  /** Looks at the system's health once: records availability, raises and clears alerts. */
  readonly checkHealth: () => Promise<HealthSummary>;
  /** Keeps what a person said about the classification of a failure. */
  readonly recordVerdict: (verdict: Verdict) => Promise<void>;
  /** Notes that in-app messages were read. */
  readonly markMessagesRead: (messages: ReadMessages) => Promise<MessagesRead>;
}

/** What a pattern analysis found. */
export interface AnalysisSummary {
  readonly failures: number;
  /** Path of the report. */
  readonly report: string;
  /** The insights of the report, each one line. */
  readonly insights: readonly string[];
}

/** How the system stood at a health check. */
export interface HealthSummary {
  readonly healthy: boolean;
  /** Names of the checks that are not right. */
  readonly faults: readonly string[];
  /** Names of the alerts that are raised now. */
  readonly alerts: readonly string[];
}

/** A person's word about the classification of a failed run. */
export interface Verdict {
  readonly runId: string;
  /** The category the failure should have had; the one it has confirms it. */
  readonly rightCategory: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}
