import type { Digest } from './notification.ts';

/** Names by which the workflow that collects notifications is started and told of more. */
export const NOTIFICATION_GROUP = 'notificationGroup';
export const ADD_SIGNAL = 'add';

/** How long a group is quiet between two messages, in ms. */
export interface QuietTimes {
  /** After the first message; doubles with each further one. @default 10 minutes */
  readonly quietMs: number;
  /** It grows no longer than this. @default 6 hours */
  readonly maxQuietMs: number;
}

/** What the workflow `notificationGroup` is started with. */
export interface NotificationGroupInput extends QuietTimes {
  /** What a run hands on to the one that continues it. */
  readonly carried?: CarriedGroup;
}

/** What a group knows when it goes on as a new run. */
export interface CarriedGroup {
  /** The last {@link REMEMBERED_IDS} notifications, which are not told again. */
  readonly seenIds: readonly string[];
  /** What came since the last message. */
  readonly open: DigestInput | null;
  /** The quiet time that is passing, and when it ends (ms since the epoch); null: none. */
  readonly rest: { readonly ms: number; readonly untilMs: number } | null;
  /** When the last new one came, in ms since the epoch. */
  readonly cameAtMs: number;
  /** Messages so far. */
  readonly digests: number;
}

/** A digest that has no ID yet. */
export type DigestInput = Omit<Digest, 'id'>;

/** Notifications whose IDs a group keeps. */
export const REMEMBERED_IDS = 2000;
/**
 * So long after the last one a group remembers what it told: longer than the 24 hours that a failure scan looks back, so
 * that whatever is found again is not told again.
 */
export const REMEMBER_MS = 25 * 3_600_000;
/** Notifications of one signal: far below the 2 MB that Temporal takes. */
export const SIGNAL_NOTIFICATIONS = 100;
