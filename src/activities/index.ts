import { type SendProgress, stepFactory } from './define-step.ts';
import { type LoginDeps, loginSteps } from './login/index.ts';
import type { LoginSteps } from './login-types.ts';
import type { VideoDownloadSteps } from './types.ts';
import type { RequestDeps } from './video-download/http.ts';
import { videoDownloadSteps } from './video-download/index.ts';

/** What activities need from outside. */
export interface ActivityDeps extends RequestDeps {
  /** Connections of a download that does not say. */
  readonly connections: number;
  readonly sendProgress: SendProgress;
  /** @default no logins */
  readonly login?: LoginDeps;
}

/** Makes every activity of a worker. */
export function createActivities(deps: ActivityDeps): VideoDownloadSteps & Partial<LoginSteps> {
  const defineStep = stepFactory(deps.sendProgress);
  return {
    ...videoDownloadSteps(defineStep, deps),
    ...(deps.login ? loginSteps(defineStep, deps.login) : {}),
  };
}
