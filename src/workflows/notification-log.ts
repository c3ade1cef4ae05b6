import {
  condition,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { NotificationActivities } from '../activities/recovery-types.ts';
import type { Notification } from '../domain/notification.ts';
import { SIGNAL_NOTIFICATIONS } from '../domain/notification-group.ts';

/** Nothing is lost by a log directory that cannot be written: it is tried until it can. */
const { logNotifications } = proxyActivities<NotificationActivities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** Before a full history is left, a write that is under way gets this long to end. */
const HAND_OVER_MS = 10_000;

/** Writes notifications to the log file of their audience, beside everything else that the workflow does. */
export class LogQueue {
  #waiting: Notification[] = [];
  /** What is being written. */
  #writing: readonly Notification[] = [];
  #handingOver = false;
  #added = 0;
  #written = 0;

  /** Whether everything is written. */
  get idle(): boolean {
    return this.#waiting.length === 0 && this.#writing.length === 0;
  }

  /** Waits until what was added so far is written, at most so many ms. */
  async settled(timeoutMs: number): Promise<void> {
    const mark = this.#added;
    await condition(() => this.#written >= mark, timeoutMs);
  }

  add(notification: Notification): void {
    this.#added++;
    this.#waiting.push(notification);
    if (this.#writing.length === 0 && !this.#handingOver) void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    // Marked as writing at once; what else the signal brings goes along.
    this.#writing = this.#waiting.slice(0, 1);
    await Promise.resolve();
    while (this.#waiting.length > 0 && !this.#handingOver) {
      this.#writing = this.#waiting.splice(0, SIGNAL_NOTIFICATIONS);
      await logNotifications(this.#writing);
      this.#written += this.#writing.length;
    }
    this.#writing = [];
  }

  /** Leaves what is not written to workflows that do nothing else, so that this one can end at once. */
  async handOver(): Promise<void> {
    await condition(() => this.idle, HAND_OVER_MS);
    this.#handingOver = true;
    this.#waiting.unshift(...this.#writing);
    // Signals may bring more while a workflow starts.
    while (this.#waiting.length > 0) {
      await startChild(notificationLog, {
        workflowId: `${workflowInfo().workflowId}/log/${uuid4()}`,
        args: [this.#waiting.splice(0, SIGNAL_NOTIFICATIONS)],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: 'notifications that could not be written to their log file yet',
      });
    }
  }
}

/** Writes what a group could not, as soon as it can be written. */
export async function notificationLog(notifications: readonly Notification[]): Promise<void> {
  await logNotifications(notifications);
}
