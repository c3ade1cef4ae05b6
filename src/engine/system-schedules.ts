import type { Config } from '../config.ts';
import { MONITORING_QUEUE, RECOVERY_QUEUE } from '../domain/queues.ts';

/** A schedule of rekindle's own. */
export interface SystemSchedule {
  /** Also the ID of the workflows it starts, with the time appended. */
  readonly id: string;
  /** What it is for, as the Temporal Web UI shows it. */
  readonly note: string;
  readonly spec:
    | { readonly intervals: { readonly every: number }[] }
    | {
        readonly calendars: {
          readonly minute: number;
          readonly hour: { readonly start: number; readonly end: number; readonly step: number };
        }[];
        readonly timezone: string;
      };
  /** A start that was missed while nothing ran is made up for when it is not older than this, in ms. */
  readonly catchUpMs: number;
  readonly action: {
    readonly workflowType: string;
    readonly taskQueue: string;
    readonly args: unknown[];
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const FAILURE_SCAN = 'failure-scan';
export const HEALTH_CHECK = 'health-check';
export const PATTERN_ANALYSIS = 'pattern-analysis';
export const BACKUP = 'backup';
export const CLEAN_UP = 'clean-up';

/** A run of the health check looks this often, for so long: a workflow for every look would fill the engine. */
const LOOK_EVERY_MS = MINUTE;
const HEALTH_RUN_MS = 30 * MINUTE;

/** The schedules that SPEC sections 4 and 9 ask for. */
export function systemSchedules(config: Config): readonly SystemSchedule[] {
  const { scanIntervalMs } = config.failure;
  return [
    ...backupSchedule(config),
    {
      id: FAILURE_SCAN,
      note: 'looks for failed tasks, recovers them or tells somebody; a new failure starts it early',
      spec: { intervals: [{ every: scanIntervalMs }] },
      catchUpMs: 5 * MINUTE,
      action: {
        workflowType: 'failureScan',
        taskQueue: RECOVERY_QUEUE,
        args: [{ intervalMs: scanIntervalMs }],
      },
    },
    {
      id: PATTERN_ANALYSIS,
      note: 'analyses the failures of the last 7 days, every 6 hours on the hour',
      spec: {
        calendars: [{ minute: 0, hour: { start: 0, end: 23, step: 6 } }],
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      },
      catchUpMs: 6 * HOUR,
      action: { workflowType: 'patternAnalysis', taskQueue: MONITORING_QUEUE, args: [] },
    },
    {
      id: HEALTH_CHECK,
      note: 'looks at the health of the system every minute and raises alerts',
      spec: { intervals: [{ every: HEALTH_RUN_MS }] },
      catchUpMs: HEALTH_RUN_MS,
      action: {
        workflowType: 'healthCheck',
        taskQueue: MONITORING_QUEUE,
        // A little less than the interval, or the next start would be skipped.
        args: [{ everyMs: LOOK_EVERY_MS, forMs: HEALTH_RUN_MS - LOOK_EVERY_MS / 2 }],
      },
    },
    {
      id: CLEAN_UP,
      note: 'removes every hour what is older than it is kept, and gives its space back',
      spec: { intervals: [{ every: HOUR }] },
      // The last one that was missed is made up for, however short this computer is on each day.
      catchUpMs: HOUR,
      action: { workflowType: 'cleanUp', taskQueue: MONITORING_QUEUE, args: [] },
    },
  ];
}

function backupSchedule({ database: { backupIntervalMs } }: Config): SystemSchedule[] {
  if (backupIntervalMs === 0) return [];
  return [
    {
      id: BACKUP,
      note: 'backs the mirror up to backups/, and removes backups that are not kept any more',
      spec: { intervals: [{ every: backupIntervalMs }] },
      catchUpMs: backupIntervalMs,
      action: { workflowType: 'mirrorBackup', taskQueue: MONITORING_QUEUE, args: [] },
    },
  ];
}

/** Schedules that an earlier configuration made and this one does not want. */
export function unwantedSchedules(config: Config): readonly string[] {
  return config.database.backupIntervalMs === 0 ? [BACKUP] : [];
}
