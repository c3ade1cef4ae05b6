import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { Verdict } from '../../activities/monitoring-types.ts';
import type { Config } from '../../config.ts';
import { FAILURE_CATEGORIES } from '../../domain/category.ts';
import { RekindleError } from '../../domain/error-codes.ts';
import { MONITORING_QUEUE } from '../../domain/queues.ts';
import type { TaskRecord } from '../../domain/task-record.ts';
import { loadExtensions } from '../../extensions.ts';
import { temporalStatus } from '../../monitoring/index.ts';
import { taskRecords } from '../../tasks/task-records.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { monitoringTexts } from '../monitoring-texts.ts';
import { openRuntime } from '../runtime.ts';

/** Confirms or corrects how the last failure of a task was classified; the accuracy is measured by it. */
export const run: CommandAction = async (context, [taskId = '', category = '']) => {
  const { config, output } = context;
  await requireCategory(config, category);
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle failure judge' });
  try {
    const { client } = runtime.connection;
    const failed = await lastFailure(client, taskId);
    await requireOwner(client);
    const verdict: Verdict = { runId: failed.runId, rightCategory: category, atMs: Date.now() };
    await record(client, verdict);
    const was = failed.state.lastError?.category ?? 'unknown';
    const { confirmed, corrected } = monitoringTexts(config.locale).failure;
    output.result(
      {
        task_id: taskId,
        run_id: failed.runId,
        category: was,
        right_category: category,
        right: was === category,
      },
      [was === category ? confirmed(taskId, was) : corrected(taskId, was, category)],
    );
    return EXIT.ok;
  } finally {
    await runtime.close();
  }
};

/** @throws {RekindleError} MIRROR_UNAVAILABLE */
async function record(client: Client, verdict: Verdict): Promise<void> {
  try {
    await client.workflow.execute('recordVerdict', {
      taskQueue: MONITORING_QUEUE,
      workflowId: `verdict/${verdict.runId}/${verdict.atMs}`,
      workflowExecutionTimeout: '2 minutes',
      args: [verdict],
    });
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw new RekindleError('MIRROR_UNAVAILABLE', 'the verdict could not be written to the mirror', {
      hint: '`rekindle health` says how the mirror stands; then judge again.',
      cause: error,
    });
  }
}

/** A mistyped category would count as a wrong classification for ever. */
async function requireCategory(config: Config, category: string): Promise<void> {
  const { rules, categories } = await loadExtensions(config);
  const known = new Set<string>([
    ...FAILURE_CATEGORIES,
    ...rules.map((rule) => rule.category),
    ...Object.keys(categories),
  ]);
  if (known.has(category)) return;
  throw new RekindleError('INVALID_INPUT', `"${category}" is no category`, {
    hint: `Use one of ${[...known].join(', ')}.`,
  });
}

/** @throws {RekindleError} TASK_NOT_FOUND, TASK_STATE when it never failed. */
async function lastFailure(client: Client, taskId: string): Promise<TaskRecord> {
  const ofTask = `WorkflowId = '${taskId.replaceAll("'", "''")}' AND TaskType IS NOT NULL`;
  let known = false;
  for await (const record of taskRecords(client, ofTask)) {
    known = true;
    if (['FAILED', 'TIMED_OUT', 'TERMINATED'].includes(record.runStatus)) return record;
  }
  if (known)
    throw new RekindleError('TASK_STATE', `task ${taskId} has never failed`, {
      hint: '`rekindle failure list` shows what has.',
    });
  throw new RekindleError('TASK_NOT_FOUND', `there is no task ${taskId}`, {
    hint: '`rekindle failure list` shows the tasks that failed.',
  });
}

/** Only the mirror's owner writes it. */
async function requireOwner(client: Client): Promise<void> {
  if (await temporalStatus(client).isPolled(MONITORING_QUEUE)) return;
  throw new RekindleError('ENGINE_UNAVAILABLE', 'nobody keeps the mirror up to date', {
    hint: 'Start `rekindle up` (or `rekindle mirror run`) in another terminal.',
  });
}
