/** What the health check needs of the rest of the house. */
import type { Notification } from '../domain/notification.ts';

/** The plain counts that alerts are computed from, of one span of time. */
export interface HealthCounts {
  /** Tasks whose latest run ended in the span; cancelled ones not counted. */
  readonly endedTasks: number;
  /** Those of them that failed. One that is being recovered has not ended. */
  readonly failedTasks: number;
  /** The last automatic recoveries that ended, the newest first, at most 20, whenever that was. */
  readonly lastRecoveryOutcomes: readonly ('completed' | 'failed')[];
  /** Automatic recoveries that ended in the span, and those after which the task completed. */
  readonly recoveries: { readonly total: number; readonly good: number };
  /** Failed runs. */
  readonly recentFailures: number;
  /** Failed runs of category `unknown`. */
  readonly unknownErrors: number;
  /**
   * Notifications of digests that were decided in the span, were tried, and that no channel has delivered. What only goes
   * to the logs is not waiting for anybody.
   */
  readonly undelivered: { readonly oldestDecidedMs: number | null; readonly count: number };
  /** Of digests delivered lately: the longest time from the decision until the first channel delivered; null: none was. */
  readonly slowestDeliverySeconds: number | null;
}

/** A span of time in ms since the epoch, its end excluded. */
export interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** What is read of the mirror. */
export interface HealthMirror {
  /** @param deliveredSinceMs of deliveries, only those from here on count. */
  readonly healthCounts: (span: Span, deliveredSinceMs: number) => HealthCounts;
  /** Last pass of the projector, in ms since the epoch; null: none yet. */
  readonly lastProjectedMs: () => number | null;
  readonly listAlerts: () => readonly KeptAlert[];
  /** When the newest backup was begun, in ms since the epoch; null: there is none. */
  readonly newestBackupMs: () => number | null;
}

/** A health check as it is kept. */
export interface KeptCheck {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Names of the checks that found a fault. */
  readonly faults: readonly string[];
}

/** An alert as the mirror keeps it. */
export interface KeptAlert {
  readonly name: string;
  readonly raised: boolean;
  /** Since when it is so, in ms since the epoch. */
  readonly sinceMs: number;
}

/** What is kept of alerts, so that each is told once whoever evaluates it. */
export interface AlertBook {
  /** Writes an alert's state, all or nothing, and says what that changed. */
  readonly setAlert: (alert: {
    readonly name: string;
    readonly raised: boolean;
    readonly value: number;
    readonly threshold: number;
    readonly atMs: number;
  }) => 'raised' | 'cleared' | 'unchanged';
  readonly listAlerts: () => readonly KeptAlert[];
  /** Whether a notification has got as far as the logs. */
  readonly isLogged: (notificationId: string) => boolean;
}

/** Tells people, by way of the durable outbox. The same ID is told once. */
export type Notify = (notifications: readonly Notification[]) => Promise<void>;

/** What is asked of Temporal. All of it throws when the server cannot be reached. */
export interface TemporalStatus {
  /** Whether a worker asks for the workflows and activities of a queue. */
  readonly isPolled: (taskQueue: string) => Promise<boolean>;
  readonly schedule: (id: string) => Promise<ScheduleState>;
}

/** How a schedule stands. */
export interface ScheduleState {
  readonly state: 'active' | 'paused' | 'missing';
  /** Why it was paused, in the words of who did it; null: they said nothing. */
  readonly note: string | null;
}
