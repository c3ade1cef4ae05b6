import type { CommandAction } from '../command-spec.ts';
import { spawnChild } from '../spawn-child.ts';

/** Starts the worker's process before anything else is loaded: that one has the longest way until tasks go on. */
export const run: CommandAction = async (context, _args, options) => {
  const worker = spawnChild('worker', options);
  try {
    const { runUp } = await import('../run-up.ts');
    return await runUp(context, { spawn: (role) => spawnChild(role, options), worker });
  } finally {
    // It has ended, unless `up` could not begin.
    worker.kill();
  }
};
