import { connect } from '../../engine/connect.ts';
import { keepHouse } from '../keep-house.ts';
import { untilAborted } from '../until-aborted.ts';
import type { ChildJob } from './index.ts';

/** Keeps the mirror and looks after failed tasks. */
export const run: ChildJob = async ({ config, logger }, parent) => {
  const log = await logger();
  const engine = await connect(config, await parent.next('engine'));
  try {
    parent.tell({ type: 'prepared' });
    await parent.next('run');
    const house = await keepHouse(config, engine, 'rekindle up', log);
    parent.tell({ type: 'running', takenOver: null });
    await untilAborted(parent.signal);
    await house.stop();
  } finally {
    await engine.close();
  }
};
