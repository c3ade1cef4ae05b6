/** Histories of the notification workflows, for scripts/record-histories.ts. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { NotificationActivities } from '../../src/activities/recovery-types.ts';
import { type Digest, groupKeyOf, type Notification } from '../../src/domain/notification.ts';
import type { CarriedGroup } from '../../src/domain/notification-group.ts';
import { sendNotifications } from '../../src/tasks/send-notifications.ts';
import { digestOf, failureNotification } from '../../test/notify/support/digests.ts';

type Keep = (name: string, handle: WorkflowHandle) => Promise<void>;

const QUIET_MS = 300;
let logged = 0;
let delivered = 0;

/** Activities of which the first try fails; a pager refuses for good what has `refused` in its ID. */
export const notificationFakes: NotificationActivities = {
  async logNotifications() {
    logged += 1;
    if (logged === 1) throw new Error('the directory cannot be written');
  },
  channelsFor: async () => ['in-app', 'pager'],
  async deliver({ digest, channel }) {
    delivered += 1;
    if (
      digest.example.id.includes('nobody') ||
      (channel === 'pager' && digest.example.id.includes('refused'))
    )
      throw ApplicationFailure.nonRetryable('no such pager', 'PermanentDeliveryError');
    if (delivered === 1) throw new Error('connection refused');
  },
};

/** @param keep writes a history under a name. */
export async function recordNotifications(client: Client, queue: string, keep: Keep): Promise<void> {
  await recordGroup(client, queue, keep);
  await recordCarried(client, queue, keep);
  for (const id of ['delivered', 'one-refused', 'nobody-took-it'])
    await recordDelivery(client, queue, keep, id);
  await recordLog(client, queue, keep);
}

/** Told at once; with a count after the quiet time, which then doubles; and at once again. */
async function recordGroup(client: Client, queue: string, keep: Keep): Promise<void> {
  const some = (...ids: string[]): Notification[] => ids.map((id) => failureNotification(id));
  const send = (all: Notification[]) =>
    sendNotifications(client, all, { queue, quietMs: QUIET_MS, maxQuietMs: 4 * QUIET_MS });
  const handle = client.workflow.getHandle(groupKeyOf(some('1')[0] as Notification));
  await send(some('1', '2'));
  await messages(handle, 1);
  await send(some('2', '3', '4'));
  await messages(handle, 2);
  await new Promise((resolve) => setTimeout(resolve, 4 * QUIET_MS));
  await send(some('5'));
  await messages(handle, 3);
  await keep('notification-group-storm', handle);
  await handle.terminate();
}

async function messages(handle: WorkflowHandle, count: number): Promise<void> {
  for (;;) {
    const { events } = await handle.fetchHistory();
    const started = events?.filter((event) => event.childWorkflowExecutionStartedEventAttributes) ?? [];
    if (started.length >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function recordCarried(client: Client, taskQueue: string, keep: Keep): Promise<void> {
  const { id: _, ...open } = digestOf(failureNotification('1'));
  const now = Date.now();
  const carried: CarriedGroup = {
    seenIds: ['1'],
    open,
    rest: { ms: QUIET_MS, untilMs: now + QUIET_MS },
    cameAtMs: now,
    digests: 1,
  };
  const handle = await client.workflow.start('notificationGroup', {
    taskQueue,
    workflowId: 'recorded-notification-group-gone-on',
    args: [{ quietMs: QUIET_MS, maxQuietMs: QUIET_MS, carried }],
  });
  await messages(handle, 1);
  await keep('notification-group-gone-on', handle);
  await handle.terminate();
}

async function recordDelivery(client: Client, taskQueue: string, keep: Keep, id: string): Promise<void> {
  const digest: Digest = digestOf(failureNotification(id));
  const handle = await client.workflow.start('notificationDelivery', {
    taskQueue,
    workflowId: `recorded-delivery-${id}`,
    args: [digest],
  });
  await handle.result().catch(() => undefined);
  await keep(`notification-delivery-${id}`, handle);
}

async function recordLog(client: Client, taskQueue: string, keep: Keep): Promise<void> {
  const handle = await client.workflow.start('notificationLog', {
    taskQueue,
    workflowId: 'recorded-notification-log',
    args: [[failureNotification('1')]],
  });
  await handle.result();
  await keep('notification-log', handle);
}
