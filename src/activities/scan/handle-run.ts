import type { Client } from '@temporalio/client';
import type { FailureCategory } from '../../domain/category.ts';
import { isRekindleError } from '../../domain/error-codes.ts';
import type { FailedRun } from '../../domain/failed-run.ts';
import type { Notification, NotifiedFailure } from '../../domain/notification.ts';
import type { Audience } from '../../domain/recovery-policy.ts';
import type { TaskRecord } from '../../domain/task-record.ts';
import type { ProcessedFailure } from '../../report/index.ts';
import { decisionFor, type RecoveryPolicies, startRecovery } from '../../tasks/recover-task.ts';
import { latestRun } from '../../tasks/start-task.ts';
import { failedRunOf, type Understanding } from '../../tasks/understand-run.ts';

/** What handling a failed run depends on. */
export interface HandlingDeps {
  readonly client: Client;
  readonly recoveryEnabled: boolean;
  readonly notificationEnabled: boolean;
  readonly policies: RecoveryPolicies;
  readonly understanding: Understanding;
  readonly now: () => number;
}

/** What became of a failed run. */
export interface HandledRun {
  readonly record: TaskRecord;
  readonly processed: ProcessedFailure;
  /** Number of the recovery that was scheduled. */
  readonly attempt: number | null;
  /** What is still to be told. */
  readonly notification: Notification | null;
}

/**
 * Handles one failed run: starts it again or says whom to tell. Never throws: what goes wrong is the outcome.
 * @returns undefined when the task was started again meanwhile: it is no work of this scan.
 */
export async function handleRun(listed: TaskRecord, deps: HandlingDeps): Promise<HandledRun | undefined> {
  const { taskId, runId } = listed;
  let category: FailureCategory | null = null;
  try {
    const latest = await latestRun(deps.client, taskId);
    if (latest?.runId !== runId) return undefined;
    const run = await failedRunOf(deps.client, latest, deps.understanding);
    category = run.failure.category;
    // The notes of the recovery say why, also when the run itself could not.
    const record = { ...latest, state: { ...latest.state, lastError: run.failure } };
    return await decide(record, run, deps);
  } catch (error) {
    const why = deps.understanding.shortMessage(error);
    const processed = { taskId, category, action: 'error' as const, error: why };
    return { record: listed, processed, attempt: null, notification: null };
  }
}

async function decide(record: TaskRecord, run: FailedRun, deps: HandlingDeps): Promise<HandledRun> {
  const { taskId } = run;
  const { category } = run.failure;
  const outcome = (
    processed: ProcessedFailure,
    more: Partial<Pick<HandledRun, 'attempt' | 'notification'>> = {},
  ): HandledRun => ({ record, processed, attempt: null, notification: null, ...more });
  const skipped = (why: Extract<ProcessedFailure, { action: 'skipped' }>['why']) =>
    outcome({ taskId, category, action: 'skipped', why });

  const decision = decisionFor(run, deps.policies);
  if (decision.action === 'notify') {
    if (!deps.notificationEnabled) return skipped('notification_disabled');
    const action = decision.audience === 'user' ? 'user_notification' : 'admin_notification';
    const usedUp = decision.reason === 'attempts_used_up' ? { recoveriesUsedUp: run.recoveryAttempts } : {};
    return outcome(
      { taskId, category, action, ...usedUp },
      { notification: notificationOf(run, decision, deps.now()) },
    );
  }
  if (!deps.recoveryEnabled) return skipped('recovery_disabled');
  try {
    const { canRecover } = deps.policies;
    const { delayMs, attempt } = await startRecovery(deps.client, record, decision, canRecover);
    return outcome({ taskId, category, action: 'auto_recovery', delayMs }, { attempt });
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal !== undefined) {
      if (!deps.notificationEnabled) return skipped('notification_disabled');
      const why = { audience: 'administrators', reason: 'refused', refusal } as const;
      return outcome(
        { taskId, category, action: 'admin_notification' },
        { notification: notificationOf(run, why, deps.now()) },
      );
    }
    // Another scan, or a person, was faster.
    if (isRekindleError(error, 'TASK_STATE')) return skipped('already_recovering');
    return outcome({ taskId, category, action: 'error', error: deps.understanding.shortMessage(error) });
  }
}

/** Why a recovery that was decided is not done: a handler's words, or a damaged checkpoint. */
function refusalIn(error: unknown): string | undefined {
  const refusal = isRekindleError(error) ? error.facts.refusal : undefined;
  return typeof refusal === 'string' ? refusal : undefined;
}

function notificationOf(
  run: FailedRun,
  {
    audience,
    reason,
    refusal,
  }: Pick<NotifiedFailure, 'reason' | 'refusal'> & { readonly audience: Audience },
  decidedAtMs: number,
): Notification {
  const { taskId, runId, taskType, failure, recoveryAttempts } = run;
  return {
    id: `failure-${runId}`,
    kind: 'task_failure',
    audience,
    // Administrators have something to repair; a user is told of a rule that was applied.
    priority: audience === 'administrators' ? 'high' : 'normal',
    occurredAtMs: run.failedAtMs,
    decidedAtMs,
    failure: {
      taskId,
      runId,
      taskType,
      info: failure,
      reason,
      recoveryAttempts,
      ...(refusal === undefined ? {} : { refusal }),
    },
  };
}
