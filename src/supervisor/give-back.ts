import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { WORKER_LOST } from '../domain/failure.ts';
import type { Logger } from '../logger.ts';
import type { ActivityInFlight } from './in-flight-journal.ts';

type Attempt = Pick<ActivityInFlight, 'workflowId' | 'activityId' | 'attempt' | 'taskToken'>;

/** What came of it. `closed`: it is no longer open, so there is nothing to give back; `open`: the server could not be told. */
export type GivenBack = 'given back' | 'closed' | 'open';

/** Zero would mean "not set" to the server. */
const GO_ON_DELAY_MS = 1;
/** For how long it is tried again by default, beside what the client itself does. In ms. */
const RETRY_FOR_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1000;
/** It ended, was cancelled or timed out meanwhile; or all of its server's data is gone. */
const CLOSED = ['ActivityNotFoundError', 'NamespaceNotFoundError'];

/**
 * Fails an activity in its dead worker's name, so that it is done again at once. Every other refusal than that it is no
 * longer open may pass: it is tried again for a while.
 * @param retryForMs @default 10 s
 */
export async function giveBack(
  client: Client,
  activity: Attempt,
  log: Logger,
  retryForMs = RETRY_FOR_MS,
): Promise<GivenBack> {
  const lost = ApplicationFailure.create({
    message: 'the worker died; the step goes on with another one',
    type: WORKER_LOST,
    nextRetryDelay: GO_ON_DELAY_MS,
  });
  const { token, options } = attemptOf(client, activity);
  const { workflowId, activityId, attempt } = activity;
  const deadline = performance.now() + retryForMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MAX_PAUSE_MS, 2 * pauseMs)) {
    try {
      await client.activity.fail(token, lost, options);
      return 'given back';
    } catch (error) {
      const { name, message } = error as Error;
      const what = { workflowId, activityId, attempt, message };
      if (CLOSED.includes(name)) {
        log.debug(what, 'activity of a dead worker is no longer open');
        return 'closed';
      }
      if (performance.now() + pauseMs > deadline) {
        log.warn(what, 'activity of a dead worker could not be given back');
        return 'open';
      }
    }
    await delay(pauseMs);
  }
}

/** What tells the server of an attempt in its own name. */
export function attemptOf(client: Client, { workflowId, activityId, taskToken }: Omit<Attempt, 'attempt'>) {
  const { namespace } = client.options;
  // A token names nothing: without this what is told would be bound to no workflow when it is encrypted.
  const serializationContext = {
    type: 'activity',
    namespace,
    workflowId,
    activityId,
    isLocal: false,
  } as const;
  return { token: Buffer.from(taskToken, 'base64'), options: { serializationContext } };
}
