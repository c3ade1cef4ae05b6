import type { PartFile } from '../../domain/video-download.ts';
import { reservePart } from '../../download/index.ts';
import type { StepContext } from '../define-step.ts';
import type { ReserveInput } from '../types.ts';
import type { RequestDeps } from './http.ts';

/** Finds room and a name for the file, owned by the task. */
export function reserveStep(deps: Pick<RequestDeps, 'download'>) {
  return async ({ source, download }: ReserveInput, step: StepContext): Promise<PartFile> => {
    const configured = deps.download?.directories ?? null;
    const { part } = await reservePart({
      source,
      directory: download.directory,
      owner: step.taskId,
      force: download.force ?? false,
      // Nobody else's tasks write anywhere that nobody has said.
      roots: configured ?? (download.untrusted ? [] : null),
      ...(download.fileName === undefined ? {} : { fileName: download.fileName }),
    });
    return part;
  };
}
