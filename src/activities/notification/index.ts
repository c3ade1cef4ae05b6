import type { Digest, Notification } from '../../domain/notification.ts';
import { groupKeyOf } from '../../domain/notification.ts';
import type { Locale } from '../../failures/index.ts';
import type { Logger } from '../../logger.ts';
import type { DeliveryInput, NotificationInput } from '../../mirror/index.ts';
import {
  channelsOf,
  messageOf,
  type NotificationChannel,
  type NotificationLog,
  type NotificationSettings,
  subjectOf,
  teamOf,
} from '../../notify/index.ts';
import { maskText } from '../../secrets/mask-text.ts';
import type { NotificationActivities } from '../recovery-types.ts';
import { bestEffort } from './best-effort.ts';
import { deliverer } from './deliver.ts';

/** What the mirror is told; its functions are bound to it by whoever makes the activities. */
export interface NotificationPorts {
  readonly recordNotifications: (rows: readonly NotificationInput[]) => void;
  readonly recordDelivery: (row: DeliveryInput) => void;
}

/** What the activities need. */
export interface NotificationDeps {
  readonly settings: NotificationSettings;
  /** Made by `createChannels`. */
  readonly channels: ReadonlyMap<string, NotificationChannel>;
  readonly notificationLog: NotificationLog;
  readonly mirror: NotificationPorts;
  readonly locale: Locale;
  readonly log: Logger;
  /** @default Date.now */
  readonly now?: () => number;
}

/** Makes the activities of the notification workflows. */
export function createNotificationActivities(deps: NotificationDeps): NotificationActivities {
  const { settings, channels, notificationLog, mirror, locale, log, now = Date.now } = deps;
  return {
    async logNotifications(notifications) {
      await notificationLog.append(notifications);
      const loggedAtMs = now();
      const rows = notifications.map((one) => rowOf(one, loggedAtMs, locale));
      await bestEffort(log, 'notifications are not noted in the mirror', () =>
        mirror.recordNotifications(rows),
      );
    },
    channelsFor: async (digest) => channelsOf(digest, settings, (name) => channels.has(name)),
    deliver: deliverer({
      channels,
      messageOf: (digest) => messageOf(digest, teamOf(digest, settings), locale),
      recordDelivery: mirror.recordDelivery,
      log,
      now,
    }),
  };
}

function rowOf(notification: Notification, loggedAtMs: number, locale: Locale): NotificationInput {
  const { id, kind, audience, priority, occurredAtMs, decidedAtMs, failure } = notification;
  const title = subjectOf({ example: notification, count: 1 } as Digest, locale);
  return {
    id,
    kind,
    audience,
    priority,
    taskId: failure?.taskId ?? null,
    taskType: failure?.taskType ?? null,
    category: failure?.info.category ?? null,
    fingerprint: failure?.info.fingerprint ?? null,
    groupKey: groupKeyOf(notification),
    title,
    message: failure ? maskText(failure.info.message) : title,
    occurredAtMs,
    decidedAtMs,
    loggedAtMs,
  };
}
