import type { FailureInfo } from './failure.ts';
import type { Audience, NotifyReason } from './recovery-policy.ts';

/** Something that a person has to know: facts only, the words are chosen when it is delivered. JSON, no secrets. */
export interface Notification {
  /**
   * Names what happened (`failure-<run id>`, `alert-<name>-<since>`), so that the same thing is told once however often
   * it is found.
   */
  readonly id: string;
  readonly kind: 'task_failure' | 'alert_raised' | 'alert_cleared' | 'login_needed' | 'test';
  readonly audience: Audience;
  readonly priority: 'high' | 'normal';
  /** When it happened, in ms since the epoch. */
  readonly occurredAtMs: number;
  /** When it was decided to tell it, in ms since the epoch. */
  readonly decidedAtMs: number;
  /** Of a `task_failure`. */
  readonly failure?: NotifiedFailure;
  /** Of an alert. */
  readonly alert?: NotifiedAlert;
  /** Of a `login_needed`. */
  readonly login?: NotifiedLogin;
}

/** What is told of a failed task. */
export interface NotifiedFailure {
  readonly taskId: string;
  readonly runId: string;
  readonly taskType: string;
  readonly info: FailureInfo & { readonly fingerprint: string };
  /** Why it is not recovered (any more). */
  readonly reason: NotifyReason;
  /** Of a recovery that was `refused`: the words of who refused it. */
  readonly refusal?: string;
  readonly recoveryAttempts: number;
}

/** What is told of a login that waits for a person. */
export interface NotifiedLogin {
  /** `site/account`. */
  readonly session: string;
  readonly taskId: string;
  /** What is asked, by locale. */
  readonly question: Readonly<Record<string, string>>;
  /** It waits no longer than this, in ms since the epoch. */
  readonly untilMs: number;
}

/** What is told of an alert. */
export interface NotifiedAlert {
  readonly name: string;
  readonly value: number;
  readonly threshold: number;
  /** Of a fault, which has no value: what was found, in the language of the configuration; empty: nothing to say. */
  readonly detail?: string;
}

/**
 * Notifications of one kind for one audience, told as one message with a count: a storm of the same failure is one
 * message, not a thousand.
 */
export interface Digest {
  /** `<group key>/<time>`: no later storm of the same group has it again. */
  readonly id: string;
  /** The first of them; the message tells what happened by its example. */
  readonly example: Notification;
  readonly count: number;
  /** When the first and the last of them happened, in ms since the epoch. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** The first {@link LISTED_TASKS} tasks. */
  readonly taskIds: readonly string[];
  /** When the first of them was decided, in ms since the epoch: what delays are measured from. */
  readonly decidedAtMs: number;
  /** When the last of them was decided. */
  readonly lastDecidedAtMs: number;
}

/** Task IDs that a digest lists; the others are only counted. */
export const LISTED_TASKS = 20;

/** Notifications with one key are told together. Also the ID of the workflow that collects them. */
export function groupKeyOf({ kind, audience, failure, alert, login }: Notification): string {
  if (failure) return `notification/${audience}/${failure.taskType}/${failure.info.fingerprint}`;
  return `notification/${audience}/${kind}/${alert?.name ?? login?.session ?? ''}`;
}
