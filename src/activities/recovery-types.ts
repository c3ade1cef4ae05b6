/** What the workflows on queue `recovery` know of their activities. */
import type { Digest, Notification } from '../domain/notification.ts';

/** Activities of the failure scan. */
export interface ScanActivities {
  /** Finds and handles one page of failed runs: recovers or notifies. One bad task does not stop it. */
  readonly scanPage: (input: ScanPageInput) => Promise<ScanPageResult>;
  /** Writes the report of what the pages did, evaluates the alerts, and forgets the pages. */
  readonly finishScan: (input: FinishScanInput) => Promise<ScanSummary>;
}

/** Which failed runs a page of a scan is about. */
export interface ScanPageInput {
  /** Of the scan, the same in all of its runs. */
  readonly scanId: string;
  /** Runs that closed from here on, in ms since the epoch. */
  readonly sinceMs: number;
  /** Number of the page, from 0; a page that is done again replaces what it wrote. */
  readonly page: number;
  /** What the page before returned; null for the first. */
  readonly pageToken: string | null;
}

/** What came of a page. */
export interface ScanPageResult {
  /** null: there is no further page. */
  readonly nextPageToken: string | null;
  readonly counts: ScanCounts;
  /** When the first run failed that could not be handled, in ms since the epoch; null: all could. */
  readonly firstErrorAtMs: number | null;
  /**
   * When the first run failed that was left alone because recovery or notification is switched off, in ms since the
   * epoch; null: none was.
   */
  readonly switchedOffAtMs: number | null;
}

/** What the report of a scan is made of. */
export interface FinishScanInput {
  readonly scanId: string;
  readonly pages: number;
  /** Of all pages. */
  readonly counts: ScanCounts;
  /** The report's time, in ms since the epoch. Given, so that a report written twice is the same. */
  readonly atMs: number;
  /** Whether to write a report although nothing was found. */
  readonly always: boolean;
  /** What ended the scan before it was through; null: it looked at everything. */
  readonly brokenOffBy: string | null;
}

/** What was done. */
export interface ScanCounts {
  /** Runs that were work of this scan: neither handled before nor followed by another run of their task. */
  readonly scanned: number;
  readonly recovered: number;
  readonly notified: number;
  readonly errors: number;
}

/** What a scan did, and the path of its report. */
export interface ScanSummary extends ScanCounts {
  /** null: there was nothing to report. */
  readonly report: string | null;
}

/** Activities of notifications. */
export interface NotificationActivities {
  /** Writes each to the log file of its audience, and to the mirror. */
  readonly logNotifications: (notifications: readonly Notification[]) => Promise<void>;
  /** The names of the channels that a digest goes to, by its audience, task type and the configured routes. */
  readonly channelsFor: (digest: Digest) => Promise<readonly string[]>;
  /** Delivers a digest by one channel. Retried until it is accepted or given up for good. */
  readonly deliver: (input: DeliverInput) => Promise<void>;
}

/** A message and the channel it goes through. */
export interface DeliverInput {
  readonly digest: Digest;
  /** Name of the channel. */
  readonly channel: string;
}
