/** How messages reach people: channels behind one interface, the documented log files, and the words. */
export {
  type DeliverOptions,
  isPermanent,
  type NotificationChannel,
  type NotificationMessage,
  PermanentDeliveryError,
  retryAfterOf,
  TemporaryDeliveryError,
} from './channel.ts';
export {
  type ChannelPorts,
  type CustomNotifications,
  createChannels,
  type NotificationHandler,
} from './create-channels.ts';
export { logChannel, NotificationLog } from './log-files.ts';
export { messageOf, subjectOf } from './message.ts';
export { LOG, type NotificationSettings } from './resolve-settings.ts';
export { type LogsRotated, rotateLogs } from './rotate-logs.ts';
export { channelsOf, teamOf } from './routes.ts';
