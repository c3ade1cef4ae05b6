import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';

/**
 * Proxies a task's steps with the options all steps share.
 *
 * How often and when a step is retried is decided per kind of error by the activity interceptor (SPEC section 2), which
 * sets each retry's delay or makes the failure final. The policy here only serves what never reaches it, a lost
 * worker or a timeout: go on after a second, for as long as it takes. The interceptor bounds how often a step
 * may lose its worker.
 */
export function proxySteps<Steps extends object>(): Steps {
  return proxyActivities<Steps & Record<string, never>>({
    startToCloseTimeout: '24 hours',
    // Other hosts' crashes are noticed by this; a crash on this host is noticed at once (DESIGN, crash recovery).
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 1 },
    // A paused or cancelled step first saves what it has.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  }) as unknown as Steps;
}
