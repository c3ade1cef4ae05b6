import { setTimeout as delay } from 'node:timers/promises';
import type { LiveProgress } from '../client/live-progress.ts';
import { TaskFailedError, type TaskHandle } from '../client/task-handle.ts';
import { isRekindleError } from '../domain/error-codes.ts';
import type { TaskView } from '../domain/task-record.ts';
import type { VideoDownloadResult } from '../domain/video-download.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import type { Output } from './output.ts';
import { bytes, duration } from './render/amounts.ts';
import { failureLines } from './render/failure.ts';
import { progressLine, Speedometer } from './render/progress-bar.ts';
import { rejectWhenAborted } from './until-aborted.ts';

/** A download that has ended, one way or the other. */
export interface EndedDownload {
  readonly view: TaskView;
  /** null: it failed. */
  readonly result: VideoDownloadResult | null;
}

type DownloadTask = TaskHandle<VideoDownloadResult>;

const LOOK_EVERY_MS = 250;
/** Tasks looked at in one round. With more, each is looked at less often, so that a thousand cost no more than these. */
const LOOKS_A_ROUND = 8;

/** Follows downloads to their ends, and draws where they stand meanwhile. */
export class DownloadBoard {
  readonly #output: Output;
  readonly #count: number;
  readonly #signal: AbortSignal;
  readonly #running = new Map<DownloadTask, LiveProgress | undefined>();
  readonly #shownRetries = new Map<DownloadTask, string>();
  readonly #speed = new Speedometer();
  readonly #interrupted: Promise<never>;
  #endedBytes = 0;
  #ended = 0;

  /** @param signal ends the following; the tasks go on. */
  constructor(output: Output, count: number, signal: AbortSignal) {
    this.#output = output;
    this.#count = count;
    this.#signal = signal;
    this.#interrupted = rejectWhenAborted(signal);
  }

  /** Follows one download to its end. @throws the signal's reason when it is aborted. */
  async follow(task: DownloadTask, url: string): Promise<EndedDownload> {
    this.#running.set(task, undefined);
    try {
      const ended = await Promise.race([endOf(task), this.#interrupted]);
      this.#ended += 1;
      this.#endedBytes += ended.result?.bytes ?? 0;
      this.#say(url, ended);
      return ended;
    } finally {
      this.#running.delete(task);
    }
  }

  /** Draws until `done` settles. With `--json` there is nothing to draw. */
  async drawUntil<T>(done: Promise<T>): Promise<T> {
    const ending = new AbortController();
    const drawing = this.#output.json
      ? undefined
      : this.#draw(AbortSignal.any([ending.signal, this.#signal]));
    try {
      return await done;
    } finally {
      ending.abort();
      await drawing;
      this.#output.status(undefined);
    }
  }

  async #draw(signal: AbortSignal): Promise<void> {
    for (let round = 0; !signal.aborted; round += 1) {
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      const tasks = [...this.#running.keys()];
      const first = tasks.length > LOOKS_A_ROUND ? (round * LOOKS_A_ROUND) % tasks.length : 0;
      await Promise.all(tasks.slice(first, first + LOOKS_A_ROUND).map((task) => this.#look(task)));
      if (!signal.aborted) this.#drawLine();
    }
  }

  /** A look that fails is no matter: whether the task ended is known from elsewhere. */
  async #look(task: DownloadTask): Promise<void> {
    const live = await task.show().then(
      (snapshot) => snapshot.live,
      () => undefined,
    );
    if (!live || !this.#running.has(task)) return;
    this.#running.set(task, live);
    this.#sayRetry(task, live);
  }

  #drawLine(): void {
    const live = [...this.#running.values()].filter((progress) => progress?.totalBytes);
    const sum = (of: (progress: LiveProgress) => number | null): number =>
      live.reduce((total, progress) => total + ((progress && of(progress)) ?? 0), 0);
    const done = this.#endedBytes + sum(({ downloadedBytes }) => downloadedBytes);
    const all = this.#endedBytes + sum(({ totalBytes }) => totalBytes);
    const rate = this.#speed.measure(done, Date.now());
    if (this.#count === 1) this.#output.status(progressLine({ done, total: all || null, rate }));
    // The lengths of those to come are not known, so a bar would mislead.
    else {
      const count = this.#output.texts.countOfTasks(this.#ended, this.#count);
      this.#output.status(`${count}  ${progressLine({ done, total: null, rate })}`);
    }
  }

  /** Says once for each failed attempt why and when it is tried again. */
  #sayRetry(task: DownloadTask, live: LiveProgress): void {
    if (!live.lastFailure || live.nextAttemptAtMs === null) return;
    const key = `${live.step} ${live.attempt}`;
    const seconds = Math.ceil((live.nextAttemptAtMs - Date.now()) / 1000);
    if (key === this.#shownRetries.get(task) || seconds <= 0) return;
    this.#shownRetries.set(task, key);
    this.#output.line(this.#output.texts.waitsForRetry(live.lastFailure, seconds));
  }

  #say(url: string, { view, result }: EndedDownload): void {
    const { texts } = this.#output;
    if (!result) {
      this.#output.line(texts.downloadFailed(maskUrl(url), view.last_error?.message ?? view.run_status));
      if (view.last_error)
        for (const line of failureLines(view.last_error, texts, this.#output.locale)) this.#output.line(line);
      return;
    }
    if (result.alreadyThere) {
      this.#output.line(texts.alreadyThere(result.path));
      return;
    }
    const ms = durationOf(view);
    const remarks = [
      ...(result.resumed ? [texts.goneOn] : []),
      ...(result.restarts > 0 ? [texts.startedOver] : []),
      ...(result.retries > 0 ? [texts.retried(result.retries)] : []),
    ];
    const speed = `${bytes((1000 * result.bytes) / Math.max(1, ms))}/s`;
    const line = texts.downloaded(result.path, bytes(result.bytes), duration(ms), speed);
    this.#output.line(remarks.length > 0 ? `${line}  ${remarks.join(', ')}` : line);
  }
}

async function endOf(task: DownloadTask): Promise<EndedDownload> {
  try {
    const [result] = await Promise.all([task.wait(), resumeIfPaused(task)]);
    return { view: (await task.show()).view, result };
  } catch (error) {
    if (!(error instanceof TaskFailedError)) throw error;
    return { view: error.view, result: null };
  }
}

/** Starting a task again continues it, also when somebody had paused it. */
async function resumeIfPaused(task: DownloadTask): Promise<void> {
  const { view } = await task.show();
  if (view.status !== 'paused') return;
  try {
    await task.resume();
  } catch (error) {
    // Somebody else was quicker.
    if (!isRekindleError(error, 'TASK_STATE')) throw error;
  }
}

/** From the start of the run to its end, in ms. */
export function durationOf(view: TaskView): number {
  return Math.max(0, Date.parse(view.updated_at) - Date.parse(view.created_at));
}
