import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { WORKER_STOPPING } from '../../domain/failure.ts';
import { type Digest, groupKeyOf } from '../../domain/notification.ts';
import { shortMessage } from '../../failures/index.ts';
import type { Logger } from '../../logger.ts';
import type { DeliveryInput } from '../../mirror/index.ts';
import {
  isPermanent,
  type NotificationChannel,
  type NotificationMessage,
  PermanentDeliveryError,
  retryAfterOf,
  TemporaryDeliveryError,
} from '../../notify/index.ts';
import { maskText } from '../../secrets/mask-text.ts';
import type { NotificationActivities } from '../recovery-types.ts';
import { bestEffort } from './best-effort.ts';

interface DeliverDeps {
  readonly channels: ReadonlyMap<string, NotificationChannel>;
  readonly messageOf: (digest: Digest) => NotificationMessage;
  readonly recordDelivery: (row: DeliveryInput) => void;
  readonly log: Logger;
  readonly now: () => number;
}

/** A try that takes longer is broken off. */
const LONGEST_TRY_MS = 90_000;
/** A channel that has been down for so long is given up; what it should have said stands in the log file. */
const GIVE_UP_MS = 3 * 24 * 3_600_000;
/** No server keeps a message waiting longer than this, whatever its Retry-After says. */
const LONGEST_WAIT_MS = 3_600_000;

/** Makes the activity that delivers a digest by one channel, once; Temporal calls it again as the failure says. */
export function deliverer(deps: DeliverDeps): NotificationActivities['deliver'] {
  return async ({ digest, channel }) => {
    const context = Context.current();
    const { info } = context;
    const note = (status: DeliveryInput['status'], error: string | null): Promise<void> =>
      record(deps, digest, {
        channel,
        status,
        error,
        attempts: info.attempt,
        // A digest at the end of a quiet time was decided long before; that wait is no delay.
        decidedAtMs: info.scheduledTimestampMs,
      });
    try {
      await tryOnce(deps, channel, digest, context.cancellationSignal);
    } catch (error) {
      if (context.cancellationSignal.aborted) throw givenBack();
      const words = maskText(shortMessage(error));
      // Both times are the server's, so that no clock of ours decides.
      const final =
        isPermanent(error) ||
        info.currentAttemptScheduledTimestampMs - info.scheduledTimestampMs >= GIVE_UP_MS;
      deps.log.warn(
        { channel, digest: digest.id, attempt: info.attempt, final, why: words },
        'not delivered',
      );
      await note(final ? 'failed' : 'retrying', words);
      throw failureOf(words, final, retryAfterOf(error));
    }
    await note('delivered', null);
  };
}

async function tryOnce(
  { channels, messageOf }: DeliverDeps,
  name: string,
  digest: Digest,
  cancelled: AbortSignal,
): Promise<void> {
  const channel = channels.get(name);
  if (!channel) throw new PermanentDeliveryError(`there is no channel ${name} any more`);
  const timeout = AbortSignal.timeout(LONGEST_TRY_MS);
  const signal = AbortSignal.any([cancelled, timeout]);
  // A channel of the user's own may not listen to the signal.
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () =>
      reject(new TemporaryDeliveryError(`${name} took longer than ${LONGEST_TRY_MS / 1000} s`)),
    );
  });
  aborted.catch(() => undefined);
  await Promise.race([channel.deliver(messageOf(digest), { signal }), aborted]);
}

async function record(
  { recordDelivery, log, now }: DeliverDeps,
  digest: Digest,
  result: Pick<DeliveryInput, 'channel' | 'status' | 'error' | 'attempts' | 'decidedAtMs'>,
): Promise<void> {
  const { id, example, count, lastDecidedAtMs } = digest;
  const groupKey = groupKeyOf(example);
  const row = { digestId: id, count, lastDecidedAtMs, atMs: now(), groupKey, ...result };
  await bestEffort(log, 'a delivery is not noted in the mirror', () => recordDelivery(row));
}

function failureOf(message: string, final: boolean, retryAfterMs: number | undefined): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: final ? 'PermanentDeliveryError' : 'TemporaryDeliveryError',
    nonRetryable: final,
    ...(retryAfterMs === undefined || final
      ? {}
      : { nextRetryDelay: Math.min(LONGEST_WAIT_MS, Math.max(1000, retryAfterMs)) }),
  });
}

/** The worker stops: another one, or the next, tries at once. */
function givenBack(): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'the worker stops',
    type: WORKER_STOPPING,
    nextRetryDelay: '1 second',
  });
}
