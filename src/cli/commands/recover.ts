import { RekindleError } from '../../domain/error-codes.ts';
import type { ManyRecoveries, RecoverFilter, RecoveryOfMany } from '../../tasks/recover-many.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { requireCategory } from '../known-category.ts';
import { type RecoverTexts, recoverTexts } from '../recover-texts.ts';
import { duration } from '../render/amounts.ts';
import { oneLine, wholeLine } from '../render/report.ts';
import { table } from '../render/table.ts';
import { openRuntime, requireService } from '../runtime.ts';
import { countOf, sinceOf } from '../since.ts';

interface RecoverOptions extends GlobalOptions {
  readonly category?: string;
  readonly type?: string;
  readonly fingerprint?: string;
  readonly since?: string;
  readonly limit?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly fromStart?: boolean;
  readonly fromStep?: string;
}

/** Starts failed tasks again from their last checkpoint, each after its own delay; or shows what would be done. */
export const run: CommandAction<RecoverOptions> = async (context, ids, options) => {
  const { force = false, fromStart = false, fromStep } = options;
  const where = fromStep === undefined ? { fromStart } : { fromStart, fromStep };
  const filter = filterOf(ids, options, recoverTexts(context.config.locale));
  const [only] = ids;
  const alone = ids.length === 1 && only !== undefined && !chooses(options) && !options.dryRun;
  // Looking needs nobody who does the work.
  if (!options.dryRun) requireService(context);
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle recover' });
  try {
    if (alone) return sayOne(context, await runtime.client.task(only).recover({ force, ...where }));
    const many = await runtime.client.recoverMany(filter, {
      force,
      ...where,
      preview: options.dryRun ?? false,
      signal: context.signal,
    });
    const { category } = filter;
    // Past failures may have a category that nobody knows any more.
    if (category !== undefined && many.recoveries.length + many.problems.length === 0)
      await requireCategory(context.config, category);
    return sayMany(context, many, options.dryRun ?? false);
  } finally {
    await runtime.close();
  }
};

function chooses({ category, type, fingerprint, since }: RecoverOptions): boolean {
  return [category, type, fingerprint, since].some((one) => one !== undefined);
}

/** @throws {RekindleError} INVALID_INPUT */
function filterOf(ids: readonly string[], options: RecoverOptions, texts: RecoverTexts): RecoverFilter {
  const { category, type, fingerprint, since, limit } = options;
  if (ids.length === 0 && !chooses(options))
    throw new RekindleError('INVALID_INPUT', texts.nothingNamed, { hint: texts.nothingHint });
  return {
    taskIds: ids.length > 0 ? ids : undefined,
    category,
    type,
    fingerprint,
    sinceMs: since === undefined ? undefined : sinceOf(since),
    limit: limit === undefined ? undefined : countOf('--limit', limit),
  };
}

function sayOne(
  { output }: CommandContext,
  {
    taskId,
    runId,
    attempt,
    delayMs,
    fromStep,
  }: Pick<RecoveryOfMany, 'taskId' | 'runId' | 'attempt' | 'delayMs' | 'fromStep'>,
): number {
  output.result(
    {
      task_id: taskId,
      run_id: runId,
      recovery_attempts: attempt,
      retry_delay: delayMs / 1000,
      from_step: fromStep,
    },
    [output.texts.recovering(taskId, delayMs === 0 ? null : duration(delayMs), fromStep)],
  );
  return EXIT.ok;
}

function sayMany(
  { output, config, signal }: CommandContext,
  { recoveries, problems }: ManyRecoveries,
  dryRun: boolean,
): number {
  const texts = recoverTexts(config.locale);
  const lines = [
    ...(recoveries.length > 0 ? table([texts.columns, ...recoveries.map((one) => rowOf(one, texts))]) : []),
    ...problems.map(({ taskId, message }) =>
      texts.problem(taskId, wholeLine(message.replace(`task ${taskId} `, ''))),
    ),
    // Hundreds may be refused for one reason.
    ...[...new Set(problems.map(({ hint }) => hint))].flatMap((hint) =>
      hint ? [output.texts.hint(hint)] : [],
    ),
    recoveries.length + problems.length === 0
      ? texts.none
      : (dryRun ? texts.would : texts.done)(recoveries.length),
    ...(problems.length > 0 ? [texts.problems(problems.length)] : []),
  ];
  output.result(
    {
      dry_run: dryRun,
      recoveries: recoveries.map((one) => ({
        task_id: one.taskId,
        task_type: one.taskType,
        category: one.category,
        fingerprint: one.fingerprint,
        message: one.message,
        run_id: one.runId,
        recovery_attempts: one.attempt,
        retry_delay: one.delayMs / 1000,
        strategy: one.strategy,
        from_step: one.fromStep,
      })),
      problems: problems.map(({ taskId, taskType, category, code, message, hint }) => ({
        task_id: taskId,
        task_type: taskType,
        category,
        code,
        message,
        hint,
      })),
    },
    lines,
  );
  if (signal.aborted) return EXIT.interrupted;
  return problems.length > 0 ? EXIT.failed : EXIT.ok;
}

function rowOf(one: RecoveryOfMany, texts: RecoverTexts): string[] {
  return [
    one.taskId,
    one.taskType,
    one.category,
    String(one.attempt),
    duration(one.delayMs),
    one.fromStep ?? texts.fromStart,
    oneLine(one.message),
  ];
}
