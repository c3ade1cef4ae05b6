/** `kill -USR2 PID`: a process says in its log what it holds, for whoever suspects a leak. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Logger } from '../logger.ts';

/** What a process holds. Sizes in bytes. */
export interface Diagnostics {
  readonly uptime_s: number;
  readonly rss: number;
  /** After a full garbage collection: what is really in use on the main thread. */
  readonly heap_used: number;
  readonly heap_total: number;
  readonly external: number;
  /** What keeps the process running, by kind: timers, sockets, child processes, as Node counts them. */
  readonly resources: Readonly<Record<string, number>>;
}

/** The message of the line. */
export const DIAGNOSTICS_MESSAGE = 'what this process holds';

/** Writes a line for each SIGUSR2 (not on Windows, which has none). It was asked for, so it stands there at level warn. */
export function sayDiagnosticsWhenAsked(log: () => Promise<Logger>): void {
  process.on('SIGUSR2', () => {
    void log().then((logger) => logger.warn({ ...diagnostics() }, DIAGNOSTICS_MESSAGE));
  });
}

function diagnostics(): Diagnostics {
  collectGarbage();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return {
    uptime_s: Math.round(process.uptime()),
    rss,
    heap_used: heapUsed,
    heap_total: heapTotal,
    external,
    resources,
  };
}

let gc: (() => void) | undefined;

/** V8 gives its collector out only on demand. */
function collectGarbage(): void {
  if (!gc) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
  }
  gc();
}
