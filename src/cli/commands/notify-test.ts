import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isRekindleError, RekindleError } from '../../domain/error-codes.ts';
import type { InAppMessage } from '../../domain/in-app-message.ts';
import type { Digest, Notification } from '../../domain/notification.ts';
import { RECOVERY_QUEUE } from '../../domain/queues.ts';
import { loadExtensions } from '../../extensions.ts';
import { shortMessage } from '../../failures/index.ts';
import { putMessage } from '../../mirror/index.ts';
import {
  createChannels,
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
import { notifyTexts } from '../notify-texts.ts';
import { askOwner, throughOwner } from '../through-owner.ts';

/** Longer than any channel's own time limit. */
const TIMEOUT_MS = 90_000;

/**
 * Sends a test message by one channel; exit code 1 when the channel did not take it. It is sent from this process, but for
 * in-app messages beside a running `up`: those go through its outbox, as every notification does.
 */
export const run: CommandAction = async (context, [name = '']) => {
  const { config, output, signal } = context;
  const texts = notifyTexts(config.locale);
  const digest = testDigest();
  const channel = await channelNamed(context, name, digest);
  const start = performance.now();
  try {
    const message = messageOf(digest, 'administrators', config.locale);
    await channel.deliver(message, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
    const ms = Math.round(performance.now() - start);
    output.result({ channel: name, delivered: true, permanent: null, error: null, duration_ms: ms }, [
      texts.delivered(name, ms),
    ]);
    return EXIT.ok;
  } catch (error) {
    signal.throwIfAborted();
    // The mirror is a command's just now: nothing was tried.
    if (isRekindleError(error, 'TASK_STATE')) throw error;
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

async function channelNamed(
  context: CommandContext,
  name: string,
  digest: Digest,
): Promise<NotificationChannel> {
  const { config } = context;
  if (name === LOG) return logChannel(new NotificationLog(join(config.dataDir, 'logs'), config.locale));
  const log = await context.logger();
  const channels = createChannels(
    config.notification,
    {
      putMessage: (message) => putTestMessage(context, message, name, digest),
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

/** Only the owner of the mirror writes it. */
async function putTestMessage(
  context: CommandContext,
  message: InAppMessage,
  channel: string,
  digest: Digest,
): Promise<void> {
  await throughOwner<unknown>(context, {
    purpose: 'rekindle notify test',
    alone: (mirror) => mirror.use((open) => putMessage(open, message)),
    beside: (client) =>
      askOwner(client, 'notificationDelivery', {
        taskQueue: RECOVERY_QUEUE,
        workflowId: `notification/${digest.id}`,
        args: [digest, [channel]],
        timeout: '1 minute',
        signal: context.signal,
      }),
  });
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
