import type { PartFile } from '../../domain/video-download.ts';
import { reservePart } from '../../download/index.ts';
import type { StepContext } from '../define-step.ts';
import type { ReserveInput } from '../types.ts';

/** Finds room and a name for the file, owned by the task. */
export async function reserve({ source, download }: ReserveInput, step: StepContext): Promise<PartFile> {
  const { part } = await reservePart({
    source,
    directory: download.directory,
    owner: step.taskId,
    force: download.force ?? false,
    ...(download.fileName === undefined ? {} : { fileName: download.fileName }),
  });
  return part;
}
