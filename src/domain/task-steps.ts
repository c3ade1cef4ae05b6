import { LOGIN_STEPS } from './login.ts';
import { VIDEO_DOWNLOAD_STEPS } from './video-download.ts';

const STEPS: Readonly<Record<string, readonly string[]>> = {
  login: LOGIN_STEPS.map(({ name }) => name),
  video_download: VIDEO_DOWNLOAD_STEPS.map(({ name }) => name),
};

/** The steps of a task type in their order; undefined: only the type's own workflow knows them. */
export function stepsOfType(taskType: string): readonly string[] | undefined {
  return Object.hasOwn(STEPS, taskType) ? STEPS[taskType] : undefined;
}
