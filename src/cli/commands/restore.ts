import { resolve } from 'node:path';
import { RekindleError } from '../../domain/error-codes.ts';
import { restoreMirror } from '../../mirror/index.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { maintenanceTexts } from '../maintenance-texts.ts';
import { notOwner, tryOwnMirror } from '../mirror-lock.ts';

/** Puts a backup in the place of the mirror. Needs nothing running, and nobody who keeps the mirror. */
export const run: CommandAction = async ({ config, output }, [file = '']) => {
  const { path } = config.database;
  const owned = tryOwnMirror(path, 'rekindle restore');
  if (owned === 'busy') {
    throw new RekindleError('TASK_STATE', `another process keeps ${path} up to date`, {
      hint: 'Stop it first (Ctrl-C in `rekindle up`), then restore and start it again.',
    });
  }
  if (owned === 'read-only') throw notOwner(path, owned);
  try {
    const result = await restoreMirror(path, resolve(file));
    const texts = maintenanceTexts(config.locale);
    output.result({ ...result }, [
      texts.restored(result.from, result.tasks),
      ...(result.setAside ? [texts.setAside(result.setAside)] : []),
      texts.restoredNext,
    ]);
    return EXIT.ok;
  } finally {
    owned.release();
  }
};
