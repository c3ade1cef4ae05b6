/** Entry of the workflow bundle: every export is a workflow type. */
export { healthCheck, patternAnalysis, recordVerdict } from './monitoring.ts';
export { videoDownload } from './video-download.ts';
