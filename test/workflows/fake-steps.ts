/** Fake steps of a download, for tests of its workflow: the fakes stand exactly where the real activities would. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { VideoDownloadSteps } from '../../src/activities/types.ts';
import type { FailureInfo } from '../../src/domain/failure.ts';
import type { StepOutcome } from '../../src/domain/step.ts';
import type { PartFile, PublishedFile, Source, VideoDownloadInput } from '../../src/domain/video-download.ts';

export const INPUT: VideoDownloadInput = { url: 'http://host/lesson.mp4', directory: '/videos' };

export const SOURCE: Source = {
  url: INPUT.url,
  finalUrl: INPUT.url,
  size: 1000,
  etag: '"v1"',
  lastModified: null,
  acceptsRanges: true,
  suggestedName: 'lesson.mp4',
  digest: null,
};

export const PART: PartFile = {
  targetPath: '/videos/lesson.mp4',
  partPath: '/videos/.lesson.mp4.part',
  mapPath: '/videos/.lesson.mp4.map',
};

export const PUBLISHED: PublishedFile = {
  path: PART.targetPath,
  bytes: 1000,
  modifiedAtMs: 1_700_000_000_000,
};

const outcome = <T>(value: T, retries = 0): StepOutcome<T> => ({ value, retries });

/** Steps that do nothing and succeed at once; `changes` replace some. */
export function fakeSteps(changes: Partial<VideoDownloadSteps> = {}): VideoDownloadSteps {
  return {
    probe: async () => outcome(SOURCE),
    reserve: async () => outcome(PART),
    transfer: async ({ source, bytesFetchedBefore }) =>
      outcome({ bytes: 1000, bytesFetched: bytesFetchedBefore + 1000, resumed: false, restarts: 0, source }),
    verify: async () => outcome({ sha256: null }),
    publish: async () => outcome(PUBLISHED),
    recall: async () => outcome(true),
    discard: async () => outcome(null),
    ...changes,
  };
}

/** What the interceptor would throw for good. */
export function finalFailure(changes: Partial<FailureInfo> = {}): ApplicationFailure {
  const info: FailureInfo = {
    category: 'recoverable_network',
    retryType: 'network_error',
    rule: 'code.ECONNRESET',
    confidence: 1,
    explanation: 'ECONNRESET',
    message: 'read ECONNRESET',
    errorType: 'Error',
    hint: null,
    step: null,
    attempts: { network_error: 5 },
    ...changes,
  };
  return ApplicationFailure.create({
    message: info.message,
    type: info.retryType ?? info.category,
    nonRetryable: true,
    details: [info],
  });
}

/** Heartbeats until it is cancelled, as a step that saves its work does. Throws the cancellation. */
export async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 100);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(beat);
  }
}

/** Something that a fake does and a test waits for, or the other way round. */
export class Gate {
  open!: () => void;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}
