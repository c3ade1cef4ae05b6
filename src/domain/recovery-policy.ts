import { type BuiltInCategory, FAILURE_CATEGORIES, type FailureCategory } from './category.ts';

/** Who can do something about a failure that rekindle does not recover by itself. */
export type Audience = 'administrators' | 'user';

/** How a failed task of one category is handled: started again after these delays, or reported at once. */
export interface RecoveryRule {
  /** Delay before each recovery, in ms; the last one holds for all further ones. Empty: never recovered. */
  readonly delaysMs: readonly number[];
  /** Recoveries of a task in all, until somebody is told. */
  readonly maxAttempts: number;
  /** Who is told when it is not recovered (any more). */
  readonly audience: Audience;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const NETWORK = [30 * SECOND, 60 * SECOND, 120 * SECOND, 240 * SECOND];
const SYSTEM = [5 * MINUTE, 10 * MINUTE, 20 * MINUTE];
const TEMPORARY = [3 * MINUTE, 6 * MINUTE, 12 * MINUTE];
const reported = (audience: Audience): RecoveryRule => ({ delaysMs: [], maxAttempts: 0, audience });

/**
 * The table of SPEC section 3. The documents give network errors five recoveries but only four delays: the last one
 * is used twice. An unknown error gets the first recovery of a temporary one, and then people look at it.
 */
export const RECOVERY_RULES = {
  recoverable_network: { delaysMs: NETWORK, maxAttempts: 5, audience: 'administrators' },
  recoverable_system: { delaysMs: SYSTEM, maxAttempts: 3, audience: 'administrators' },
  recoverable_temporary: { delaysMs: TEMPORARY, maxAttempts: 3, audience: 'administrators' },
  unrecoverable_data: reported('administrators'),
  unrecoverable_config: reported('administrators'),
  unrecoverable_business: reported('user'),
  unknown: { delaysMs: TEMPORARY, maxAttempts: 1, audience: 'administrators' },
} as const satisfies Record<BuiltInCategory, RecoveryRule>;

/** What a task type's own strategy returns; field names as documented. */
export interface CustomRecovery {
  /** Delay before this recovery, in seconds. */
  readonly delay: number;
  /** The strategy's name, for notes and reports. */
  readonly strategy: string;
  readonly max_attempts: number;
}

/** What the decision about a failed task depends on. */
export interface FailedTask {
  readonly category: FailureCategory;
  /** Recoveries of this task so far. */
  readonly attempts: number;
  /** `FAILURE_MAX_RECOVERY_ATTEMPTS`: lowers every maximum to it, never raises one. */
  readonly maxOverride?: number | undefined;
  /**
   * What the task type's own strategy returned. It takes the place of the category's delays and maximum, but never
   * recovers an `unrecoverable_…` failure: the documented example looks at the task's type alone.
   */
  readonly custom?: CustomRecovery | undefined;
  /** A person asks for it (`recover --force`): at once, whatever the category and the limits say. */
  readonly force?: boolean;
  /** How the user wants categories handled, built-in ones or their own. */
  readonly ownRules?: Readonly<Record<string, RecoveryRule>> | undefined;
}

/**
 * Why a task is not recovered.
 * - `not_recoverable`: the next run would meet the same data, setting or rule.
 * - `attempts_used_up`: it was recovered as often as it may be.
 * - `refused`: its checkpoint is damaged, or the task type's own recovery handler says that it cannot go on.
 */
export type NotifyReason = 'not_recoverable' | 'attempts_used_up' | 'refused';

/** What is to be done about a failed task. */
export type RecoveryDecision =
  | {
      readonly action: 'recover';
      readonly delayMs: number;
      /** Number of this recovery, from 1. */
      readonly attempt: number;
      /** Whose delay it is: the category, a custom strategy's name, or `forced`. */
      readonly strategy: string;
    }
  | {
      readonly action: 'notify';
      readonly audience: Audience;
      readonly reason: Exclude<NotifyReason, 'refused'>;
      /** Recoveries that were allowed. */
      readonly maxAttempts: number;
    };

/**
 * Decides about a failed task. It depends on its arguments only, so workflows may call it.
 * @throws {RangeError} when a number of the custom strategy is none, naming it.
 */
export function decideRecovery(task: FailedTask): RecoveryDecision {
  const attempt = task.attempts + 1;
  if (task.force) return { action: 'recover', delayMs: 0, attempt, strategy: 'forced' };
  const rule = recoveryRuleOf(task.category, task.ownRules);
  const plan = planOf(task, rule);
  const maxAttempts = Math.min(plan.maxAttempts, task.maxOverride ?? Number.POSITIVE_INFINITY);
  if (attempt <= maxAttempts)
    return { action: 'recover', delayMs: plan.delayMs, attempt, strategy: plan.name };
  const reason = plan.maxAttempts === 0 ? 'not_recoverable' : 'attempts_used_up';
  return { action: 'notify', audience: rule.audience, reason, maxAttempts };
}

/**
 * How failures of a category are handled: as the user says, else as documented. A category that has no rule at all is
 * taken by its name: `recoverable_…` as a temporary error, anything else is reported to administrators.
 */
export function recoveryRuleOf(
  category: FailureCategory,
  ownRules: Readonly<Record<string, RecoveryRule>> = {},
): RecoveryRule {
  if (Object.hasOwn(ownRules, category)) return ownRules[category] as RecoveryRule;
  const builtIn = FAILURE_CATEGORIES.find((one) => one === category);
  if (builtIn) return RECOVERY_RULES[builtIn];
  return category.startsWith('recoverable_')
    ? RECOVERY_RULES.recoverable_temporary
    : reported('administrators');
}

/** What would be done next, before the operator's limit. */
function planOf(
  task: FailedTask,
  rule: RecoveryRule,
): { delayMs: number; maxAttempts: number; name: string } {
  if (task.custom && !task.category.startsWith('unrecoverable_')) {
    const { delay, strategy, max_attempts } = checked(task.custom);
    return { delayMs: Math.round(delay * SECOND), maxAttempts: max_attempts, name: strategy };
  }
  const delayMs = rule.delaysMs[Math.min(task.attempts, rule.delaysMs.length - 1)];
  if (delayMs === undefined) return { delayMs: 0, maxAttempts: 0, name: task.category };
  return { delayMs, maxAttempts: rule.maxAttempts, name: task.category };
}

function checked(custom: CustomRecovery): CustomRecovery {
  const { delay, max_attempts } = custom;
  if (!Number.isFinite(delay) || delay < 0) {
    throw new RangeError(
      `the custom strategy "${custom.strategy}" has the delay ${delay}; it is seconds, from 0`,
    );
  }
  if (!Number.isInteger(max_attempts) || max_attempts < 0) {
    throw new RangeError(
      `the custom strategy "${custom.strategy}" has max_attempts ${max_attempts}; it is a whole number, from 0`,
    );
  }
  return custom;
}
