import type { Json } from '../../domain/json.ts';
import { isPlainObject } from '../../domain/json.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { maintenanceTexts } from '../maintenance-texts.ts';
import { table } from '../render/table.ts';
import { openRuntime } from '../runtime.ts';

/** Shows a task's checkpoint and everything that is wrong with it; exit code 1 when it is damaged. */
export const run: CommandAction = async (context, [id = '']) => {
  const runtime = await openRuntime(context, { engine: 'ensured', purpose: 'rekindle task checkpoint show' });
  const shown = await runtime.client
    .task(id)
    .checkpoint()
    .finally(() => runtime.close());
  const { checkpoint, problems, steps, status, runId, canResume } = shown;
  const texts = maintenanceTexts(context.config.locale).checkpoint;
  const { step, step_index, timestamp, data } = isPlainObject(checkpoint) ? checkpoint : {};
  const lines =
    checkpoint === null
      ? [texts.none(id)]
      : table([
          [texts.status, status],
          [texts.step, said(step)],
          [texts.position, said(step_index)],
          [texts.written, said(timestamp)],
          [texts.data, said(data)],
          [texts.canResume, canResume ? texts.yes : texts.no],
          ...(steps ? [[texts.steps, steps.join(', ')]] : []),
        ]);
  const damage =
    problems.length > 0
      ? [texts.damaged, ...problems.map((problem) => `  - ${problem}`), ...texts.choices(id)]
      : [];
  const facts = { task_id: id, run_id: runId, status, can_resume: canResume };
  context.output.result({ ...facts, problems, steps, checkpoint: checkpoint as Json }, [...lines, ...damage]);
  return problems.length > 0 ? EXIT.failed : EXIT.ok;
};

function said(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '–');
}
