import { isFailureInfo } from '../../domain/failure.ts';
import type { TaskView } from '../../domain/task-record.ts';
import { explain, type Locale } from '../../failures/index.ts';
import { adviceOf } from '../../notify/advice.ts';
import type { Texts } from '../texts.ts';
import { table } from './table.ts';

/** One task as lines for people. */
export function taskLines(view: TaskView, { field }: Texts, locale: Locale): string[] {
  const error = view.last_error;
  const rows: string[][] = [
    [view.task_id, view.task_type],
    [field.status, view.status],
    [field.progress, `${view.progress} %`],
    [field.step, view.step ?? '–'],
    [
      field.checkpoint,
      view.checkpoint ? `${view.checkpoint.step} ${JSON.stringify(view.checkpoint.data)}` : '–',
    ],
    [field.retries, String(view.retry_count)],
    [field.recoveries, String(view.recovery_attempts)],
    ...(error ? [[field.error, error.message]] : []),
    // In a user's own workflow it may be anything.
    ...(isFailureInfo(error)
      ? [
          [field.reason, explain(error, locale)],
          [field.suggestion, adviceOf(error, locale)],
        ]
      : []),
    [field.input, JSON.stringify(view.data)],
    [field.created, view.created_at],
    [field.updated, view.updated_at],
    [field.run, `${view.run_id} (${view.run_status})`],
  ];
  return table(rows);
}
