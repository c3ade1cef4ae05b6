import { type SendProgress, stepFactory } from './define-step.ts';
import type { VideoDownloadSteps } from './types.ts';
import type { RequestDeps } from './video-download/http.ts';
import { videoDownloadSteps } from './video-download/index.ts';

/** What activities need from outside. */
export interface ActivityDeps extends RequestDeps {
  /** Connections of a download that does not say. */
  readonly connections: number;
  readonly sendProgress: SendProgress;
}

/** Makes every activity of a worker. */
export function createActivities(deps: ActivityDeps): VideoDownloadSteps {
  return videoDownloadSteps(stepFactory(deps.sendProgress), deps);
}
