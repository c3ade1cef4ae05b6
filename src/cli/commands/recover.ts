import type { GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandAction } from '../program.ts';
import { duration } from '../render/amounts.ts';
import { openRuntime, requireService } from '../runtime.ts';

interface RecoverOptions extends GlobalOptions {
  readonly force?: boolean;
  readonly fromStart?: boolean;
}

/** Starts a failed task again from its last checkpoint, after its category's delay. */
export const run: CommandAction<RecoverOptions> = async (context, [id = ''], options) => {
  requireService(context);
  const { config, output } = context;
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle recover' });
  try {
    const { taskId, runId, delayMs, attempt, fromStep } = await runtime.client.task(id).recover({
      force: options.force ?? false,
      fromStart: options.fromStart ?? false,
      maxAttempts: config.failure.maxRecoveryAttempts,
    });
    output.result(
      {
        task_id: taskId,
        run_id: runId,
        recovery_attempts: attempt,
        retry_delay: delayMs / 1000,
        from_step: fromStep,
      },
      [output.texts.recovering(taskId, duration(delayMs), fromStep)],
    );
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
};
