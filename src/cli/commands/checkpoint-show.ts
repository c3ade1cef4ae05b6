import { checkpointProblems } from '../../domain/checkpoint.ts';
import type { JsonObject } from '../../domain/json.ts';
import { stepsOfType } from '../../domain/task-steps.ts';
import { EXIT } from '../exit-codes.ts';
import { maintenanceTexts } from '../maintenance-texts.ts';
import type { CommandAction } from '../program.ts';
import { table } from '../render/table.ts';
import { openRuntime } from '../runtime.ts';

/** Shows a task's checkpoint and everything that is wrong with it; exit code 1 when it is damaged. */
export const run: CommandAction = async (context, [id = '']) => {
  const runtime = await openRuntime(context, { engine: 'ensured', purpose: 'rekindle task checkpoint show' });
  const { view } = await runtime.client
    .task(id)
    .show()
    .finally(() => runtime.close());
  const { checkpoint, status, run_id, task_type } = view;
  const steps = stepsOfType(task_type);
  const problems = checkpoint === null ? [] : checkpointProblems(checkpoint, steps);
  const canResume = status !== 'completed' && checkpoint !== null && problems.length === 0;
  const texts = maintenanceTexts(context.config.locale).checkpoint;
  const lines =
    checkpoint === null
      ? [texts.none(id)]
      : table([
          [texts.status, status],
          [texts.step, String(checkpoint.step)],
          [texts.position, String(checkpoint.step_index)],
          [texts.written, String(checkpoint.timestamp)],
          [texts.data, JSON.stringify(checkpoint.data) ?? '–'],
          [texts.canResume, canResume ? texts.yes : texts.no],
          ...(steps ? [[texts.steps, steps.join(', ')]] : []),
        ]);
  const damage =
    problems.length > 0
      ? [texts.damaged, ...problems.map((problem) => `  - ${problem}`), ...texts.choices(id)]
      : [];
  const facts = {
    task_id: id,
    run_id,
    status,
    can_resume: canResume,
    problems,
    steps: steps ? [...steps] : null,
  };
  context.output.result({ ...facts, checkpoint: checkpoint as unknown as JsonObject | null }, [
    ...lines,
    ...damage,
  ]);
  return problems.length > 0 ? EXIT.failed : EXIT.ok;
};
