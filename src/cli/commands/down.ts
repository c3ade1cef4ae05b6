import { stopEngine } from '../../engine/embedded.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';

/** Stops what a data directory still has running. */
export const run: CommandAction = async ({ config, output }) => {
  const stopped = await stopEngine(config.dataDir);
  const { texts } = output;
  if (!stopped) {
    output.result({ stopped: null }, [texts.nothingRuns(config.dataDir)]);
    return EXIT.ok;
  }
  const what = `Temporal ${stopped.address} (PID ${stopped.pid})`;
  output.result({ stopped: { pid: stopped.pid, address: stopped.address, outcome: stopped.outcome } }, [
    texts.downStopped(what),
  ]);
  return EXIT.ok;
};
