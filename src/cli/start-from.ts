import { RekindleError } from '../domain/error-codes.ts';
import type { ScheduledRecovery } from '../tasks/recover-task.ts';
import type { WhereToGoOn } from '../tasks/where-to-go-on.ts';
import type { CommandContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { openRuntime, requireService } from './runtime.ts';

/**
 * Starts a new run of a failed task where a person says, at once.
 * @param say what to tell people.
 * @throws {RekindleError} TASK_STATE when the task runs or is completed.
 */
export async function startFrom(
  context: CommandContext,
  id: string,
  where: WhereToGoOn,
  say: (started: ScheduledRecovery) => string,
): Promise<number> {
  requireService(context);
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle task checkpoint' });
  try {
    const task = runtime.client.task(id);
    const { view } = await task.show();
    if (view.run_status === 'RUNNING') throw underWay(id, view.status);
    const started = await task.recover({ ...where, force: true });
    context.output.result(
      { task_id: id, run_id: started.runId, recovery_attempts: started.attempt, from_step: started.fromStep },
      [say(started)],
    );
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
}

function underWay(id: string, status: string): RekindleError {
  return new RekindleError('TASK_STATE', `task ${id} is ${status}: its checkpoint is its own to write`, {
    hint: `\`rekindle task cancel ${id} --keep\` ends it and keeps what it has; then do this again.`,
  });
}
