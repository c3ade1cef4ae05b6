import { resolve } from 'node:path';
import { backupsDir } from '../../activities/maintenance/settings.ts';
import { isRekindleError, RekindleError } from '../../domain/error-codes.ts';
import { backupMirror, inspectFile, makeBackup } from '../../mirror/index.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { maintenanceTexts } from '../maintenance-texts.ts';
import { bytes } from '../render/amounts.ts';

/** Backs the mirror up, beside whoever keeps it. Needs nothing running. */
export const run: CommandAction = async ({ config, output, signal }, [file]) => {
  const { path, backupKeep } = config.database;
  const onStep = () => signal.throwIfAborted();
  const keep = { keep: backupKeep, atMs: Date.now(), onStep };
  if (file !== undefined) refuseOtherFile(resolve(file));
  const made =
    file === undefined
      ? await makeBackup(path, backupsDir(config), keep)
      : { ...(await backupMirror(path, resolve(file), { onStep })), removed: 0 };
  const texts = maintenanceTexts(config.locale);
  output.result({ ...made }, [
    texts.backedUp(made.path, bytes(made.size)),
    ...(made.removed > 0 ? [texts.removed(made.removed)] : []),
  ]);
  return EXIT.ok;
};

/** Only a backup is replaced by a backup: somebody may have named a file of another kind by mistake. */
function refuseOtherFile(file: string): void {
  if (isReplaceable(file)) return;
  throw new RekindleError('INVALID_INPUT', `${file} is there already, and is no backup of a mirror`, {
    hint: 'Name another file.',
  });
}

function isReplaceable(file: string): boolean {
  try {
    const { state, schema } = inspectFile(file);
    return state === 'missing' || schema > 0;
  } catch (error) {
    // An older or newer version's is one, too.
    return isRekindleError(error, 'MIRROR_NEWER');
  }
}
