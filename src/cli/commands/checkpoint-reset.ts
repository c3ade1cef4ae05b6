import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { maintenanceTexts } from '../maintenance-texts.ts';
import { startFrom } from '../start-from.ts';

/** Starts a failed task again at a step, or over. */
export const run: CommandAction<GlobalOptions & { readonly toStep?: string }> = (
  context,
  [id = ''],
  { toStep },
) => {
  const where = toStep === undefined ? { fromStart: true } : { fromStep: toStep };
  const { wasReset } = maintenanceTexts(context.config.locale).checkpoint;
  return startFrom(context, id, where, ({ fromStep }) => wasReset(id, fromStep));
};
