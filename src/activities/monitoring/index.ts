import { Context } from '@temporalio/activity';
import { RekindleError } from '../../domain/error-codes.ts';
import type { MessagesRead, ReadMessages } from '../../domain/in-app-message.ts';
import type { Locale } from '../../failures/index.ts';
import type { Logger } from '../../logger.ts';
import {
  type AlertBook,
  checkHealth,
  type HealthJournal,
  type HealthMirror,
  type HealthSettings,
  type Notify,
  patiently,
  type TemporalStatus,
} from '../../monitoring/index.ts';
import { type FailureSource, writeAnalysis } from '../../report/index.ts';
import type { MonitoringActivities, Verdict } from '../monitoring-types.ts';

/** What the monitoring activities read and write of the mirror; {@link mirrorPort} makes it. */
export interface MonitoringMirror extends HealthMirror, AlertBook, HealthJournal {
  readonly failures: FailureSource;
  /** @returns false when there is no such failure. */
  readonly recordVerdict: (verdict: Verdict) => boolean;
  readonly markMessagesRead: (messages: ReadMessages) => MessagesRead;
}

/** What the monitoring activities need from outside. */
export interface MonitoringDeps {
  readonly mirror: MonitoringMirror;
  readonly temporal: TemporalStatus;
  readonly settings: HealthSettings & {
    readonly reportsDirectory: string;
    readonly locale: Locale;
  };
  readonly notify: Notify;
  readonly log: Logger;
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: () => number;
  /** How long a queue may go without a worker before the health check says so, in ms. @default 5000 */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 5000;

/** Makes the activities of queue `monitoring`. */
export function createMonitoringActivities(deps: MonitoringDeps): MonitoringActivities {
  const { mirror, settings, log, clock = Date.now, patienceMs = PATIENCE_MS } = deps;
  const ports = { ...deps, temporal: patiently(deps.temporal, patienceMs) };
  return {
    async analysePatterns({ toMs }) {
      const context = Context.current();
      const { path, report } = await writeAnalysis(mirror.failures, {
        toMs,
        locale: settings.locale,
        directory: settings.reportsDirectory,
        onProgress(rows) {
          context.heartbeat(rows);
          context.cancellationSignal.throwIfAborted();
        },
      });
      log.info({ path, failures: report.total_failures }, 'failure patterns analysed');
      const insights = [...report.insights, ...report.further_insights];
      return { failures: report.total_failures, report: path, insights };
    },

    async checkHealth() {
      const report = await checkHealth(ports, settings, clock());
      return {
        healthy: report.healthy,
        faults: report.checks.filter((check) => !check.ok).map((check) => check.name),
        alerts: report.alerts.filter((alert) => alert.state === 'raised').map((alert) => alert.name),
      };
    },

    async markMessagesRead(messages) {
      return mirror.markMessagesRead(messages);
    },

    async recordVerdict(verdict) {
      if (mirror.recordVerdict(verdict)) return;
      // Of a failure of a moment ago the mirror hears with its next look.
      throw new RekindleError('TASK_NOT_FOUND', `the mirror has no failed run ${verdict.runId} (yet)`);
    },
  };
}

export { mirrorPort } from './mirror-port.ts';
export { monitoringSettings } from './settings.ts';
