import { discardPart, probeSource, publishPart, stillPublished, verifyPart } from '../../download/index.ts';
import type { stepFactory } from '../define-step.ts';
import type { ActivityDeps } from '../index.ts';
import type { VideoDownloadSteps } from '../types.ts';
import { reserve } from './reserve.ts';
import { transferStep } from './transfer.ts';

/** The steps of a download; each is a thin coat over the download room. */
export function videoDownloadSteps(
  defineStep: ReturnType<typeof stepFactory>,
  deps: Pick<ActivityDeps, 'http' | 'connections'>,
): VideoDownloadSteps {
  return {
    probe: defineStep('probe', ({ url }, { signal }) => probeSource(url, deps.http, signal)),
    reserve: defineStep('reserve', reserve),
    transfer: defineStep('transfer', transferStep(deps)),
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
