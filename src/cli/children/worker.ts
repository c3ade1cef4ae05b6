import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../engine/connect.ts';
import { journalDir } from '../../supervisor/journal-dir.ts';
import { abandonedJournals } from '../../supervisor/read-journals.ts';
import { untilAborted } from '../until-aborted.ts';
import type { ChildJob } from './index.ts';

/** What is carried on has asked for more by then; making a worker takes a core for longer. In ms. */
const CARRIED_ON_FIRST_MS = 250;

const loadWorker = () => import('../../worker.ts');

/** Does tasks; as a spare it gets ready and waits until it is needed. */
export const run: ChildJob = async ({ config, logger }, parent) => {
  // Loaded while the engine starts.
  const [{ createSteps }, log] = await Promise.all([import('../../worker-steps.ts'), logger()]);
  // Somebody has died: what can be carried on needs no worker, and goes on before one is loaded and made.
  const recovering = abandonedJournals(journalDir(config)).length > 0;
  if (!recovering) void loadWorker();
  const engine = await connect(config, await parent.next('engine'), { lazy: recovering });
  try {
    const steps = await createSteps(config, engine, 'service', log);
    const begun = parent.has('run') ? steps.begin() : undefined;
    begun?.catch(() => undefined);
    if (steps.carries) await delay(CARRIED_ON_FIRST_MS);
    const { prepareWorker } = await loadWorker();
    const worker = await prepareWorker(config, engine, steps, log, begun);
    parent.tell({ type: 'prepared', endHandlersMs: worker.endHandlersMs });
    parent.mayTake(worker.endHandlersMs);
    const wanted = await parent.next('run').then(
      () => true,
      () => false,
    );
    if (!wanted) return worker.discard();
    const beginning = worker.run();
    parent.tell({ type: 'working' });
    const running = await beginning;
    parent.tell({ type: 'running', takenOver: running.takenOver });
    await Promise.race([untilAborted(parent.signal), running.done]);
    await running.stop();
  } finally {
    await engine.close();
  }
};
