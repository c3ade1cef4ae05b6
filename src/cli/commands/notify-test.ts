import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { RekindleError } from '../../domain/error-codes.ts';
import type { Digest, Notification } from '../../domain/notification.ts';
import { loadExtensions } from '../../extensions.ts';
import { shortMessage } from '../../failures/index.ts';
import { MirrorKeeper, putMessage } from '../../mirror/index.ts';
import {
  createChannels,
  type InAppMessage,
  isPermanent,
  LOG,
  logChannel,
  messageOf,
  type NotificationChannel,
  NotificationLog,
} from '../../notify/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { tryOwnMirror } from '../mirror-lock.ts';
import { notifyTexts } from '../notify-texts.ts';

/** Longer than any channel's own time limit. */
const TIMEOUT_MS = 90_000;

/** Sends a test message by one channel, from this process; exit code 1 when the channel did not take it. */
export const run: CommandAction = async (context, [name = '']) => {
  const { config, output, signal } = context;
  const texts = notifyTexts(config.locale);
  const channel = await channelNamed(context, name);
  const start = performance.now();
  try {
    const message = messageOf(testDigest(), 'administrators', config.locale);
    await channel.deliver(message, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
    const ms = Math.round(performance.now() - start);
    output.result({ channel: name, delivered: true, permanent: null, error: null, duration_ms: ms }, [
      texts.delivered(name, ms),
    ]);
    return EXIT.ok;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RekindleError && error.code === 'TASK_STATE') throw error;
    const why = shortMessage(error);
    const permanent = isPermanent(error);
    const ms = Math.round(performance.now() - start);
    output.result({ channel: name, delivered: false, permanent, error: why, duration_ms: ms }, [
      texts.failed(name, why),
      permanent ? texts.permanent : texts.temporary,
    ]);
    return EXIT.failed;
  }
};

async function channelNamed(context: CommandContext, name: string): Promise<NotificationChannel> {
  const { config } = context;
  if (name === LOG) return logChannel(new NotificationLog(join(config.dataDir, 'logs'), config.locale));
  const log = await context.logger();
  const channels = createChannels(
    config.notification,
    {
      putMessage: (message) => putTestMessage(config, message),
      warn: (facts, message) => log.warn(facts, message),
    },
    await loadExtensions(config),
  );
  const channel = channels.get(name);
  if (channel) return channel;
  const texts = notifyTexts(config.locale);
  const known = [LOG, ...channels.keys()].join(', ');
  throw new RekindleError('INVALID_INPUT', texts.unknown(name), { hint: texts.known(known) });
}

/** Only the owner of the mirror writes it; when nobody is, this process is for a moment. */
function putTestMessage({ database, locale }: Config, message: InAppMessage): void {
  const owned = tryOwnMirror(database.path, 'rekindle notify test');
  if (typeof owned === 'string') {
    const texts = notifyTexts(locale);
    throw new RekindleError('TASK_STATE', texts.inAppBusy, { hint: texts.inAppHint });
  }
  const keeper = new MirrorKeeper(database.path);
  try {
    keeper.use((mirror) => putMessage(mirror, message));
  } finally {
    keeper.close();
    owned.release();
  }
}

function testDigest(): Digest {
  const now = Date.now();
  const id = `test-${randomUUID()}`;
  const example: Notification = {
    id,
    kind: 'test',
    audience: 'administrators',
    priority: 'normal',
    occurredAtMs: now,
    decidedAtMs: now,
  };
  return {
    id,
    example,
    count: 1,
    firstAtMs: now,
    lastAtMs: now,
    decidedAtMs: now,
    lastDecidedAtMs: now,
    taskIds: [],
  };
}
