/** What the workflows that keep the house in order know of their activities. Times in ms since the epoch. */
export interface MaintenanceActivities {
  /** Makes a backup of the mirror, and removes those that are not kept any more. */
  readonly backUpMirror: (input: { readonly atMs: number }) => Promise<BackupSummary>;
  /** Removes from the mirror what is older than it is kept. */
  readonly cleanMirror: (input: { readonly atMs: number }) => Promise<MirrorCleaned>;
  /** Removes files that are older than they are kept: reports, logs, backups, idle locks, left-overs. */
  readonly cleanFiles: (input: { readonly atMs: number }) => Promise<FilesCleaned>;
  /** Gives the space of deleted rows back. */
  readonly shrinkMirror: (input: { readonly fromShare: number }) => Promise<MirrorShrunk>;
}

/** A backup of the mirror that was made. */
export interface BackupSummary {
  readonly path: string;
  readonly bytes: number;
  /** Older backups that were removed. */
  readonly removed: number;
}

/** What was removed, by kind. */
export interface MirrorCleaned {
  readonly tasks: number;
  readonly sessions: number;
  readonly recoveryLogs: number;
  readonly failures: number;
  readonly notifications: number;
  readonly messages: number;
  readonly measurements: number;
}

/** What was removed, by kind; logs: put aside, and removed. */
export interface FilesCleaned {
  readonly reports: number;
  readonly logsRotated: number;
  readonly logsRemoved: number;
  readonly backups: number;
  readonly leftOvers: number;
  readonly locks: number;
}

/** Shares of the file that are free, 0–1. */
export interface MirrorShrunk {
  readonly freeBefore: number;
  readonly freeAfter: number;
  readonly bytes: number;
}
