import type { ActivityFunction, Context, Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from '../../src/domain/retry-policy.ts';
import type { StepHeartbeat } from '../../src/domain/step.ts';
import { failureInterceptor } from '../../src/failures/activity-interceptor.ts';
import { classify } from '../../src/failures/classify.ts';
import { shortMessage } from '../../src/failures/short-message.ts';

/** The documented policy without jitter, so that delays are exact. */
export const EXACT_POLICY = Object.fromEntries(
  Object.entries(DEFAULT_RETRY_POLICY).map(([type, strategy]) => [type, { ...strategy, jitter: false }]),
) as unknown as RetryPolicy;

/** One attempt of an activity under our interceptor, without a server. */
export interface Attempt {
  readonly env: MockActivityEnvironment;
  readonly context: Context;
  /** Every heartbeat that was sent. */
  readonly beats: StepHeartbeat[];
  /** Does `work` and gives what Temporal would see: what it returned or threw. */
  run(work: ActivityFunction): Promise<unknown>;
}

/** Begins an attempt. A bare environment has a deadline of 1 s; steps have none. */
export function attempt(info: Partial<Info> = {}): Attempt {
  const env = new MockActivityEnvironment(
    { scheduleToCloseTimeoutMs: 0, ...info },
    {
      logger: new DefaultLogger('ERROR', () => undefined),
      interceptors: [
        failureInterceptor({ policy: EXACT_POLICY, classify, shortMessage, fingerprint: () => '' }),
      ],
    },
  );
  const beats: StepHeartbeat[] = [];
  env.on('heartbeat', (beat: StepHeartbeat) => beats.push(beat));
  return {
    env,
    context: env.context,
    beats,
    run: (work) =>
      env.run(work).then(
        (value) => value,
        (error: unknown) => error,
      ),
  };
}

/** The attempt after `previous`, as the server starts it: with the last heartbeat. */
export function attemptAfter(previous: Attempt, info: Partial<Info> = {}): Attempt {
  const before = previous.context.info;
  return attempt({
    ...info,
    attempt: before.attempt + 1,
    heartbeatDetails: previous.beats.at(-1) ?? before.heartbeatDetails,
  });
}
