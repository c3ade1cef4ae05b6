import type { HttpSettings } from '../download/index.ts';
import { type SendProgress, stepFactory } from './define-step.ts';
import type { VideoDownloadSteps } from './types.ts';
import { videoDownloadSteps } from './video-download/index.ts';

/** What activities need from outside. */
export interface ActivityDeps {
  readonly http: HttpSettings;
  /** Connections of a download that does not say. */
  readonly connections: number;
  readonly sendProgress: SendProgress;
}

/** Makes every activity of a worker. */
export function createActivities(deps: ActivityDeps): VideoDownloadSteps {
  return videoDownloadSteps(stepFactory(deps.sendProgress), deps);
}
