/** What the workflows on queue `monitoring` know of their activities. */

export interface MonitoringActivities {
  /** Analyses the failures of the 7 days before and writes the report. */
  readonly analysePatterns: (input: { readonly toMs: number }) => Promise<AnalysisSummary>;
  /** Looks at the system's health once: records availability, raises and clears alerts. */
  readonly checkHealth: () => Promise<HealthSummary>;
}

export interface AnalysisSummary {
  readonly failures: number;
  readonly report: string;
}

export interface HealthSummary {
  readonly healthy: boolean;
  /** Names of the alerts that are raised now. */
  readonly alerts: readonly string[];
}
