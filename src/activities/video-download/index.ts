import { discardPart, probeSource, publishPart, stillPublished, verifyPart } from '../../download/index.ts';
import type { stepFactory } from '../define-step.ts';
import type { ActivityDeps } from '../index.ts';
import type { VideoDownloadSteps } from '../types.ts';
import { DownloadRequests, type RequestDeps } from './http.ts';
import { reserveStep } from './reserve.ts';
import { transferStep } from './transfer.ts';

/** The probe has nothing to go on from. */
const NO_PROGRESS = (): number => 0;

/** The steps of a download; each is a thin coat over the download room. */
export function videoDownloadSteps(
  defineStep: ReturnType<typeof stepFactory>,
  deps: RequestDeps & Pick<ActivityDeps, 'connections'>,
): VideoDownloadSteps {
  const requests = new DownloadRequests(deps);
  return {
    probe: defineStep('probe', (task, step) =>
      requests.run(task, step, NO_PROGRESS, (http) => probeSource(task.url, http, step.signal)),
    ),
    reserve: defineStep('reserve', reserveStep(deps)),
    transfer: defineStep('transfer', transferStep(deps, requests)),
    verify: defineStep('verify', ({ part, bytes, source, download }, { signal }) =>
      verifyPart({ part, bytes, source, signal, ...(download.sha256 ? { sha256: download.sha256 } : {}) }),
    ),
    publish: defineStep('publish', ({ part, bytes, download }) =>
      publishPart({ part, bytes, force: download.force ?? false }),
    ),
    recall: defineStep('recall', (file) => stillPublished(file)),
    discard: defineStep('discard', async (part) => {
      await discardPart(part);
      return null;
    }),
  };
}
