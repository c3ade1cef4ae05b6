import type { Client } from '@temporalio/client';
import type { Verdict } from '../../activities/monitoring-types.ts';
import { RekindleError } from '../../domain/error-codes.ts';
import { MONITORING_QUEUE } from '../../domain/queues.ts';
import type { TaskRecord } from '../../domain/task-record.ts';
import { temporalStatus } from '../../monitoring/index.ts';
import { taskRecords } from '../../tasks/task-records.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { requireCategory } from '../known-category.ts';
import { monitoringTexts } from '../monitoring-texts.ts';
import { openRuntime } from '../runtime.ts';
import { askOwner } from '../through-owner.ts';

/** Confirms or corrects how the last failure of a task was classified; the accuracy is measured by it. */
export const run: CommandAction = async (context, [taskId = '', category = '']) => {
  const { config, output } = context;
  // A mistyped category would count as a wrong classification for ever.
  await requireCategory(config, category);
  const runtime = await openRuntime(context, { engine: 'running', purpose: 'rekindle failure judge' });
  try {
    const { client } = runtime.connection;
    const failed = await lastFailure(client, taskId);
    await requireOwner(client);
    const verdict: Verdict = { runId: failed.runId, rightCategory: category, atMs: Date.now() };
    await askOwner<void>(client, 'recordVerdict', {
      taskQueue: MONITORING_QUEUE,
      workflowId: `verdict/${verdict.runId}/${verdict.atMs}`,
      args: [verdict],
      timeout: '2 minutes',
      signal: context.signal,
    });
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
