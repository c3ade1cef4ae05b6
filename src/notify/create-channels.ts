import { RekindleError } from '../domain/error-codes.ts';
import type { InAppMessage } from '../domain/in-app-message.ts';
import type { Digest } from '../domain/notification.ts';
import type { NotificationChannel } from './channel.ts';
import { dingTalkChannel } from './dingtalk.ts';
import { emailChannel, type Warn } from './email.ts';
import { inAppChannel } from './in-app.ts';
import type { ChannelSettings, NotificationSettings } from './resolve-settings.ts';
import { handlerChannel } from './routes.ts';
import { smsChannel } from './sms.ts';
import { webhookChannel } from './webhook.ts';
import { weComChannel } from './wecom.ts';

/** What channels need of the rest of the system. */
export interface ChannelPorts {
  /** Keeps an in-app message, once for each ID. */
  readonly putMessage: (message: InAppMessage) => void | Promise<void>;
  readonly warn: Warn;
}

/** What users bring in code. */
export interface CustomNotifications {
  /** By name; each takes the place of a channel that the configuration has as `type: custom`. */
  readonly channels?: Readonly<Record<string, NotificationChannel>>;
  /** By task type: called with each digest of failures of that type, beside the channels, and retried as they are. */
  readonly handlers?: Readonly<Record<string, NotificationHandler>>;
}

export type NotificationHandler = (
  digest: Digest,
  options: { readonly signal: AbortSignal },
) => Promise<void>;

/**
 * Makes all channels, by name.
 * @throws {RekindleError} INVALID_CONFIG when a channel is `custom` and there is none in code, or the other way round.
 */
export function createChannels(
  settings: Pick<NotificationSettings, 'channels'>,
  ports: ChannelPorts,
  custom: CustomNotifications = {},
): ReadonlyMap<string, NotificationChannel> {
  const own = custom.channels ?? {};
  const made = new Map<string, NotificationChannel>();
  for (const [name, one] of Object.entries(settings.channels)) {
    const channel = one.type === 'custom' ? own[name] : channelOf(name, one, ports);
    if (!channel) throw missing(`notification.channels.${name} is custom, but no code provides it`);
    made.set(name, channel);
  }
  for (const [name, channel] of Object.entries(own)) {
    if (!made.has(name)) made.set(name, channel);
    else if (settings.channels[name]?.type !== 'custom')
      throw missing(`the channel ${name} of your code has the name of notification.channels.${name}`);
  }
  for (const [taskType, handle] of Object.entries(custom.handlers ?? {})) {
    const name = handlerChannel(taskType);
    made.set(name, { name, deliver: ({ digest }, { signal }) => handle(digest, { signal }) });
  }
  return made;
}

function channelOf(
  name: string,
  settings: ChannelSettings,
  { putMessage, warn }: ChannelPorts,
): NotificationChannel | undefined {
  switch (settings.type) {
    case 'email':
      return emailChannel(name, settings, warn);
    case 'sms':
      return smsChannel(name, settings, warn);
    case 'dingtalk':
      return dingTalkChannel(name, settings);
    case 'wecom':
      return weComChannel(name, settings);
    case 'webhook':
      return webhookChannel(name, settings);
    case 'in-app':
      return inAppChannel(name, putMessage);
    case 'custom':
      return undefined;
  }
}

function missing(message: string): RekindleError {
  return new RekindleError('INVALID_CONFIG', message, {
    hint: 'Give the channel in code and in rekindle.yaml (type: custom) the same name.',
  });
}
