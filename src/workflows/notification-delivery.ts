import { ApplicationFailure, isCancellation, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { NotificationActivities } from '../activities/recovery-types.ts';
import type { Digest } from '../domain/notification.ts';

/**
 * A channel that is down is tried again for as long as the activity finds it worth while (3 days); what can
 * never succeed it makes final itself.
 */
const { channelsFor, deliver } = proxyActivities<NotificationActivities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '5 seconds', maximumInterval: '5 minutes' },
});

/** What came of each channel. */
export type DeliveryOutcome = Readonly<Record<string, 'delivered' | 'failed'>>;

/**
 * Delivers a message by all channels of its team, each by itself.
 * @param only by these channels, whatever the team has: for a test of one. @default those of the team
 * @throws {ApplicationFailure} NOT_DELIVERED when no channel took it.
 */
export async function notificationDelivery(
  digest: Digest,
  only?: readonly string[],
): Promise<DeliveryOutcome> {
  const channels = only ?? (await channelsFor(digest));
  const outcome: Record<string, 'delivered' | 'failed'> = {};
  const show = (): void => {
    const lines = channels.map((channel) => `- ${channel}: ${outcome[channel] ?? 'under way'}`);
    setCurrentDetails([`**${digest.count} notification(s)**`, ...lines].join('\n'));
  };
  show();
  const errors: string[] = [];
  await Promise.all(
    channels.map(async (channel) => {
      try {
        await deliver({ digest, channel });
        outcome[channel] = 'delivered';
      } catch (error) {
        if (isCancellation(error)) throw error;
        outcome[channel] = 'failed';
        errors.push(`${channel}: ${rootOf(error)}`);
      }
      show();
    }),
  );
  if (errors.length > 0 && errors.length === channels.length)
    throw ApplicationFailure.nonRetryable(`no channel took it: ${errors.join('; ')}`, 'NOT_DELIVERED');
  return outcome;
}

function rootOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
