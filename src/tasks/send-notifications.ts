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
  const groups = [...Map.groupBy(notifications, groupKeyOf)];
  const sendNext = async (): Promise<void> => {
    for (let group = groups.shift(); group; group = groups.shift()) {
      for (const part of partsOf(group[1])) {
        try {
          await sendOne(client, group[0], part, options);
        } catch (error) {
          for (const { id } of part) failed.set(id, error);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
  return failed;
}

/** What one signal takes. */
function* partsOf(notifications: readonly Notification[]): Generator<readonly Notification[]> {
  for (let at = 0; at < notifications.length; at += SIGNAL_NOTIFICATIONS)
    yield notifications.slice(at, at + SIGNAL_NOTIFICATIONS);
}

async function sendOne(
  client: Client,
  key: string,
  notifications: readonly Notification[],
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
