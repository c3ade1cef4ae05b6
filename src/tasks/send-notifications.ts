import type { Client } from '@temporalio/client';
import { groupKeyOf, type Notification } from '../domain/notification.ts';
import {
  ADD_SIGNAL,
  NOTIFICATION_GROUP,
  type NotificationGroupInput,
  type QuietTimes,
  SIGNAL_NOTIFICATIONS,
} from '../domain/notification-group.ts';

/** Where notifications are handed in, and how their groups rest. */
export interface SendOptions extends QuietTimes {
  /** Task queue of the caretaker. */
  readonly queue: string;
}

/** Groups that are told at once: a page of failures may hold many. */
const AT_ONCE = 10;

/**
 * Hands notifications to the workflows that collect and deliver them, one signal a group. Doing it again with the
 * same notifications tells nothing twice as long as their group lives.
 * @returns the notifications that Temporal did not take, by ID, with the error; empty: all are safe.
 */
export async function sendNotifications(
  client: Client,
  notifications: readonly Notification[],
  options: SendOptions,
): Promise<ReadonlyMap<string, unknown>> {
  const failed = new Map<string, unknown>();
  const signals = signalsOf(notifications);
  const sendNext = async (): Promise<void> => {
    for (let signal = signals.shift(); signal; signal = signals.shift()) {
      try {
        await sendOne(client, signal, options);
      } catch (error) {
        for (const { id } of signal.notifications) failed.set(id, error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
  return failed;
}

interface GroupSignal {
  readonly key: string;
  readonly notifications: readonly Notification[];
}

function signalsOf(notifications: readonly Notification[]): GroupSignal[] {
  const groups = Map.groupBy(notifications, groupKeyOf);
  return [...groups].flatMap(([key, all]) => {
    const signals: GroupSignal[] = [];
    for (let at = 0; at < all.length; at += SIGNAL_NOTIFICATIONS)
      signals.push({ key, notifications: all.slice(at, at + SIGNAL_NOTIFICATIONS) });
    return signals;
  });
}

async function sendOne(
  client: Client,
  { key, notifications }: GroupSignal,
  { queue, quietMs, maxQuietMs }: SendOptions,
): Promise<void> {
  const input: NotificationGroupInput = { quietMs, maxQuietMs };
  await client.workflow.signalWithStart(NOTIFICATION_GROUP, {
    workflowId: key,
    taskQueue: queue,
    args: [input],
    signal: ADD_SIGNAL,
    signalArgs: [notifications],
    staticSummary: summaryOf(notifications),
  });
}

/** One line for the Temporal Web UI. */
function summaryOf([first]: readonly Notification[]): string {
  const { failure, alert, audience, kind } = first as Notification;
  if (failure) return `${failure.taskType}: ${failure.info.message} → ${audience}`.slice(0, 200);
  return `${kind}${alert ? ` ${alert.name}` : ''} → ${audience}`;
}
