import { type Client, defaultPayloadConverter } from '@temporalio/client';
import type { StepHeartbeat } from '../../src/domain/step.ts';

/** The attempt of a step that is under way or waits, as the server sees it. */
export interface PendingStep {
  readonly name: string;
  readonly attempt: number;
  readonly started: boolean;
  readonly startedAtMs: number;
  readonly beat: StepHeartbeat | undefined;
}

const STARTED = 2;

export async function pendingStep(client: Client, taskId: string): Promise<PendingStep | undefined> {
  const { raw } = await client.workflow.getHandle(taskId).describe();
  const [pending] = raw.pendingActivities ?? [];
  if (!pending) return undefined;
  const { seconds, nanos } = pending.lastStartedTime ?? {};
  const [payload] = pending.heartbeatDetails?.payloads ?? [];
  return {
    name: pending.activityType?.name ?? '',
    attempt: pending.attempt ?? 1,
    started: pending.state === STARTED,
    startedAtMs: Number(seconds ?? 0) * 1000 + Number(nanos ?? 0) / 1e6,
    beat: payload ? defaultPayloadConverter.fromPayload<StepHeartbeat>(payload) : undefined,
  };
}

/** Waits until the step that a task is in is as wanted. */
export async function untilStep(
  client: Client,
  taskId: string,
  wanted: (step: PendingStep) => boolean,
): Promise<PendingStep> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const step = await pendingStep(client, taskId);
    if (step && wanted(step)) return step;
    if (performance.now() > deadline) throw new Error(`the step is still ${JSON.stringify(step)}`);
  }
}
