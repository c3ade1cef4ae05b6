/** The workflows on queue `monitoring`. */
import { isCancellation, log, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type {
  AnalysisSummary,
  HealthSummary,
  MonitoringActivities,
  Verdict,
} from '../activities/monitoring-types.ts';
import type { MessagesRead, ReadMessages } from '../domain/in-app-message.ts';

const { analysePatterns } = proxyActivities<MonitoringActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '1 minute',
  // The next analysis comes after six hours and knows more.
  scheduleToCloseTimeout: '330 minutes',
  retry: { initialInterval: '10 seconds', maximumInterval: '5 minutes' },
});

const { checkHealth } = proxyActivities<MonitoringActivities>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 minute',
  // The next check is as good as another try.
  retry: { maximumAttempts: 1 },
});

/** What only the owner of the mirror may write, and somebody waits for. */
const { recordVerdict: writeVerdict, markMessagesRead: markRead } = proxyActivities<MonitoringActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 minute',
  retry: { initialInterval: '500 milliseconds' },
});

/** Analyses the failures of the 7 days before its start; started by a schedule every 6 hours on the hour. */
export async function patternAnalysis(): Promise<AnalysisSummary> {
  return analysePatterns({ toMs: workflowInfo().startTime.getTime() });
}

/** How often health is looked at, and for how long. */
export interface HealthCheckInput {
  readonly everyMs: number;
  /** Ends before the schedule starts the next one. */
  readonly forMs: number;
}

/** What a run of health checks saw. */
export interface HealthCheckResult {
  readonly checks: number;
  /** Checks that could not be done. */
  readonly failed: number;
  /** The last one that was done; null: none. */
  readonly last: HealthSummary | null;
}

/**
 * Looks at the system's health again and again. A workflow for each look would be 1,440 a day; a schedule starts this one
 * every half an hour.
 */
export async function healthCheck({ everyMs, forMs }: HealthCheckInput): Promise<HealthCheckResult> {
  const startMs = Date.now();
  let checks = 0;
  let failed = 0;
  let last: HealthSummary | null = null;
  for (;;) {
    checks += 1;
    try {
      last = await checkHealth();
    } catch (error) {
      if (isCancellation(error)) throw error;
      failed += 1;
      log.warn('a health check could not be done', { error });
    }
    // What was missed while nobody worked is not made up for.
    const done = Math.floor((Date.now() - startMs) / everyMs);
    const nextMs = startMs + (done + 1) * everyMs;
    if (nextMs - startMs >= forMs) return { checks, failed, last };
    await sleep(nextMs - Date.now());
  }
}

/** Keeps a person's word about a classification: only the mirror's owner may write it, wherever the person is. */
export async function recordVerdict(verdict: Verdict): Promise<void> {
  await writeVerdict(verdict);
}

/** Notes for `rekindle notify read` that in-app messages were read. */
export async function markMessagesRead(messages: ReadMessages): Promise<MessagesRead> {
  return await markRead(messages);
}
