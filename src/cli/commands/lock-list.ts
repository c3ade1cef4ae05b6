import { listResourceLocks } from '../../client/resource-locks.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { lockTable } from '../render/lock.ts';

/** Lists the resource locks that somebody has or wants. */
export const run: CommandAction = async ({ config, output }) => {
  const locks = await listResourceLocks({ config });
  const lines = locks.length > 0 ? lockTable(locks, output.texts) : [output.texts.lock.none];
  output.result({ locks: locks as unknown as JsonObject[] }, lines);
  return EXIT.ok;
};
