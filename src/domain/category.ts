import type { RetryErrorType } from './retry-policy.ts';

/** Why a task failed, by what can be done about it (SPEC section 3). */
export const FAILURE_CATEGORIES = [
  'recoverable_network',
  'recoverable_system',
  'recoverable_temporary',
  'unrecoverable_data',
  'unrecoverable_config',
  'unrecoverable_business',
  'unknown',
] as const;

/** A category that the documents name, or `unknown`. */
export type BuiltInCategory = (typeof FAILURE_CATEGORIES)[number];

/** A built-in category, or one that a user's configuration or code adds. */
export type FailureCategory = BuiltInCategory | (string & {});

/**
 * How a step's error is retried inside the task when nothing more precise is known than its category.
 * `null`: not at all, since the next attempt would meet the same data, setting or rule.
 */
export const RETRY_TYPE_OF_CATEGORY = {
  recoverable_network: 'network_error',
  recoverable_system: 'system_error',
  recoverable_temporary: 'temporary_error',
  unrecoverable_data: null,
  unrecoverable_config: null,
  unrecoverable_business: null,
  unknown: 'unknown_error',
} as const satisfies Record<BuiltInCategory, RetryErrorType | null>;

/** Whether rekindle itself may start a failed task of this category again. */
export function isRecoverable(category: FailureCategory): boolean {
  return category.startsWith('recoverable_');
}
