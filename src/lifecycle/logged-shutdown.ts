import type { Logger } from '../logger.ts';
import { createShutdown, type Shutdown, type ShutdownHandler } from './shutdown.ts';

/** What extensions register for the end of a process. */
export interface EndHandlers {
  readonly onShutdown: readonly ShutdownHandler[];
  readonly onCleanUp: readonly ShutdownHandler[];
}

/** A shutdown with these handlers, whose problems are named in the log. */
export function loggedShutdown({ onShutdown, onCleanUp }: EndHandlers, log: Logger): Shutdown {
  const shutdown = createShutdown({
    onProblem: ({ phase, name, message }) =>
      log.error({ handler: name, phase, message }, `a handler for the end of the process failed: ${name}`),
  });
  for (const handler of onShutdown) shutdown.onShutdown(handler);
  for (const handler of onCleanUp) shutdown.onCleanUp(handler);
  return shutdown;
}
