/** Entry of the workflow bundle: every export is a workflow type. */
export { videoDownload } from './video-download.ts';
