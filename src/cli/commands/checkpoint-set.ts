import { readFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { RekindleError } from '../../domain/error-codes.ts';
import { isPlainObject } from '../../domain/json.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { maintenanceTexts } from '../maintenance-texts.ts';
import { startFrom } from '../start-from.ts';

/** A checkpoint is copied into every run and shown in every list. */
const MOST_BYTES = 256 * 1024;

/** Has a failed task go on from a checkpoint that a person gives. */
export const run: CommandAction<GlobalOptions & { readonly file?: string }> = async (
  context,
  [id = ''],
  { file },
) => {
  if (file === undefined) {
    throw new RekindleError('INVALID_INPUT', 'no checkpoint was given', {
      hint: 'Name the JSON file with --file FILE, or --file - for standard input.',
    });
  }
  const checkpoint = checkpointIn(file, file === '-' ? await readAll(process.stdin) : read(file));
  const { wasSet } = maintenanceTexts(context.config.locale).checkpoint;
  return startFrom(context, id, { checkpoint }, ({ fromStep }) => wasSet(id, fromStep ?? ''));
};

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(file, `cannot be read: ${(error as Error).message}`);
  }
}

/** The checkpoint itself, or what `task checkpoint show --json` printed; a time that is missing is now. */
function checkpointIn(file: string, text: string): unknown {
  if (Buffer.byteLength(text) > MOST_BYTES) throw wrong(file, `has more than ${MOST_BYTES / 1024} KiB`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(file, `is no JSON: ${(error as Error).message}`);
  }
  if (isPlainObject(value) && !('step' in value) && 'checkpoint' in value) value = value.checkpoint;
  if (!isPlainObject(value) || 'timestamp' in value) return value ?? {};
  return { ...value, timestamp: new Date().toISOString() };
}

function wrong(file: string, why: string): RekindleError {
  return new RekindleError('INVALID_INPUT', `the checkpoint in ${file} ${why}`, {
    hint: 'It is {"step","step_index","data","timestamp"}, as `rekindle task checkpoint show --json` prints it.',
  });
}
