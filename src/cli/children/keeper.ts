import { connect } from '../../engine/connect.ts';
import type { Logger } from '../../logger.ts';
import type { RecoverySession } from '../../supervisor/messages.ts';
import { type House, keepHouse } from '../keep-house.ts';
import { untilAborted } from '../until-aborted.ts';
import type { ChildJob } from './index.ts';
import { recordSession } from './record-session.ts';

/** Keeps the mirror and looks after failed tasks. */
export const run: ChildJob = async ({ config, logger }, parent) => {
  const log = await logger();
  const engine = await connect(config, await parent.next('engine'));
  try {
    parent.tell({ type: 'prepared' });
    await parent.next('run');
    const house = await keepHouse(config, engine, 'rekindle up', log);
    parent.on('recovered', ({ session }) => note(house, session, log));
    parent.tell({ type: 'running', takenOver: null });
    await untilAborted(parent.signal);
    await house.stop();
  } finally {
    await engine.close();
  }
};

/** The crash is over whether it can be written down or not. */
function note({ owner }: House, session: RecoverySession, log: Logger): void {
  try {
    owner?.mirror.use((mirror) => recordSession(mirror, session));
  } catch (error) {
    log.warn({ err: error, session }, 'a recovery from a crash could not be written down');
  }
}
