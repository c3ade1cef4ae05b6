import { connect } from '../../engine/connect.ts';
import { untilAborted } from '../until-aborted.ts';
import type { ChildJob } from './index.ts';

/** Does tasks; as a spare it gets ready and waits until it is needed. */
export const run: ChildJob = async ({ config, logger }, parent) => {
  // Loaded while the engine starts.
  const [{ prepareWorker }, log] = await Promise.all([import('../../worker.ts'), logger()]);
  const engine = await connect(config, await parent.next('engine'));
  try {
    const worker = await prepareWorker(config, engine, 'service', log, {
      runsAtOnce: parent.has('run'),
    });
    parent.tell({ type: 'prepared', endHandlersMs: worker.endHandlersMs });
    parent.mayTake(worker.endHandlersMs);
    const wanted = await parent.next('run').then(
      () => true,
      () => false,
    );
    if (!wanted) return worker.discard();
    const running = await worker.run();
    parent.tell({ type: 'running', takenOver: running.takenOver });
    await Promise.race([untilAborted(parent.signal), running.done]);
    await running.stop();
  } finally {
    await engine.close();
  }
};
