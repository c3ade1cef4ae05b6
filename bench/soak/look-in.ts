/** People and scripts that look while the system works: commands, and reads of the mirror's file. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../src/config.ts';
import { MirrorKeeper, taskStatistics } from '../../src/mirror/index.ts';
import { rekindle } from '../support/rekindle.ts';

const COMMANDS = [
  ['task', 'list'],
  ['stats'],
  ['health'],
  ['history'],
  ['schedule', 'list'],
  ['failure', 'list'],
  ['session', 'list'],
  ['notify', 'list'],
  ['report', 'list'],
] as const;
/** A command is a process: more would measure their starts. */
const COMMAND_EVERY_MS = 10_000;
const READ_EVERY_MS = 1000;

/** How often somebody looked. */
export interface Looks {
  commands: number;
  reads: number;
  /** What got no answer. */
  readonly problems: string[];
}

/** Looks again and again until the signal aborts. @param where the options that say which installation. */
export async function keepLooking(
  config: Config,
  where: readonly string[],
  signal: AbortSignal,
): Promise<Looks> {
  const looks: Looks = { commands: 0, reads: 0, problems: [] };
  const every = async (ms: number, what: string, work: () => Promise<void> | void): Promise<void> => {
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        looks.problems.push(`${what}: ${(error as Error).message}`);
      }
      await delay(ms, undefined, { signal }).catch(() => undefined);
    }
  };
  await Promise.all([
    every(COMMAND_EVERY_MS, 'a command', async () => {
      const command = COMMANDS[looks.commands % COMMANDS.length] ?? [];
      looks.commands += 1;
      const { code, json } = await rekindle([...command, ...where]);
      // An alert is an answer, too.
      if (code !== 0 && command[0] !== 'health')
        throw new Error(
          `rekindle ${command.join(' ')} ended with exit code ${code}: ${JSON.stringify(json)}`,
        );
    }),
    every(READ_EVERY_MS, 'reading the mirror', () => {
      const keeper = new MirrorKeeper(config.database.path, { readonly: true });
      try {
        taskStatistics(keeper.get());
        looks.reads += 1;
      } finally {
        keeper.close();
      }
    }),
  ]);
  return looks;
}
