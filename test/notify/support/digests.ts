import type { Digest, Notification, NotifiedFailure } from '../../../src/domain/notification.ts';

/** What breaks careless encodings: Chinese, quotes, a backslash, an emoji of several code points, markup. */
export const AWKWARD = '订单 “A-1” 不存在 "quoted" \\ 100% \'x\' 👩‍👩‍👧 & a=b {to}';

const AT = Date.parse('2026-01-31T08:00:00Z');

/** A notification of a failed task. */
export function failureNotification(
  id: string,
  failure: { readonly [K in keyof Omit<NotifiedFailure, 'info'>]?: NotifiedFailure[K] } & {
    readonly info?: Partial<NotifiedFailure['info']>;
  } = {},
  changes: Partial<Notification> = {},
): Notification {
  const { info, ...rest } = failure;
  return {
    id,
    kind: 'task_failure',
    audience: 'user',
    priority: 'normal',
    occurredAtMs: AT,
    decidedAtMs: AT + 1000,
    failure: {
      taskId: `task-${id}`,
      runId: `run-${id}`,
      taskType: 'order_processing',
      reason: 'not_recoverable',
      recoveryAttempts: 0,
      info: {
        category: 'unrecoverable_business',
        retryType: null,
        rule: 'http.404',
        confidence: 1,
        explanation: 'Status “404” means unrecoverable_business.',
        message: AWKWARD,
        errorType: 'OrderError',
        hint: null,
        step: 'fetch',
        attempts: {},
        fingerprint: 'f1',
        ...info,
      },
      ...rest,
    },
    ...changes,
  };
}

/** A digest of one kind of failure. */
export function digestOf(example: Notification, changes: Partial<Digest> = {}): Digest {
  return {
    id: 'notification/user/order_processing/f1/2026-01-31T08:00:01.000Z',
    example,
    count: 1,
    firstAtMs: example.occurredAtMs,
    lastAtMs: example.occurredAtMs,
    decidedAtMs: example.decidedAtMs,
    lastDecidedAtMs: example.decidedAtMs,
    taskIds: example.failure ? [example.failure.taskId] : [],
    ...changes,
  };
}
