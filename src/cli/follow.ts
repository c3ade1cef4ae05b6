import { TaskFailedError, type TaskHandle, type TaskSnapshot } from '../client/task-handle.ts';
import type { TaskView } from '../domain/task-record.ts';
import type { VideoDownloadResult } from '../domain/video-download.ts';
import type { Output } from './output.ts';
import { bytes, duration } from './render/amounts.ts';
import { progressLine, Speedometer } from './render/progress-bar.ts';

/** A download that has ended, one way or the other. */
export interface EndedDownload {
  readonly view: TaskView;
  /** null: it failed. */
  readonly result: VideoDownloadResult | null;
}

/** Where the running downloads stand, for the line that shows them all. */
export class DownloadBoard {
  readonly #output: Output;
  readonly #count: number;
  readonly #snapshots = new Map<string, TaskSnapshot>();
  readonly #speed = new Speedometer();
  #ended = 0;

  constructor(output: Output, count: number) {
    this.#output = output;
    this.#count = count;
  }

  /** Follows one download to its end, drawing as it goes. */
  async follow(
    task: TaskHandle<VideoDownloadResult>,
    url: string,
    signal: AbortSignal,
  ): Promise<EndedDownload> {
    let shownRetry = '';
    for await (const snapshot of task.watch({ signal })) {
      this.#snapshots.set(task.taskId, snapshot);
      shownRetry = this.#sayRetry(snapshot, shownRetry);
      this.#draw();
    }
    const ended = await endOf(task);
    this.#ended += 1;
    this.#say(url, ended);
    this.#draw();
    return ended;
  }

  #draw(): void {
    const live = [...this.#snapshots.values()].flatMap(({ live }) => (live?.totalBytes ? [live] : []));
    const done = live.reduce((sum, { downloadedBytes }) => sum + (downloadedBytes ?? 0), 0);
    const total = live.reduce((sum, { totalBytes }) => sum + (totalBytes ?? 0), 0);
    const rate = this.#speed.measure(done, Date.now());
    const all = this.#ended === this.#count;
    const count = this.#count > 1 ? `${this.#output.texts.countOfTasks(this.#ended, this.#count)}  ` : '';
    this.#output.status(all ? undefined : count + progressLine({ done, total: total || null, rate }));
  }

  /** Says once for each failed attempt why and when it is tried again. */
  #sayRetry({ live }: TaskSnapshot, shown: string): string {
    if (!live?.lastFailure || live.nextAttemptAtMs === null) return shown;
    const key = `${live.step} ${live.attempt}`;
    const seconds = Math.ceil((live.nextAttemptAtMs - Date.now()) / 1000);
    if (key !== shown && seconds > 0)
      this.#output.line(this.#output.texts.waitsForRetry(live.lastFailure, seconds));
    return key;
  }

  #say(url: string, { view, result }: EndedDownload): void {
    const { texts } = this.#output;
    if (!result) {
      this.#output.line(texts.downloadFailed(url, view.last_error?.message ?? view.run_status));
      if (view.last_error?.hint) this.#output.line(texts.hint(view.last_error.hint));
      return;
    }
    if (result.alreadyThere) {
      this.#output.line(texts.alreadyThere(result.path));
      return;
    }
    const ms = durationOf(view);
    const remarks = [
      ...(result.resumed ? [texts.goneOn] : []),
      ...(result.retries > 0 ? [texts.retried(result.retries)] : []),
    ];
    const speed = `${bytes((1000 * result.bytes) / Math.max(1, ms))}/s`;
    const line = texts.downloaded(result.path, bytes(result.bytes), duration(ms), speed);
    this.#output.line(remarks.length > 0 ? `${line}  ${remarks.join(', ')}` : line);
  }
}

async function endOf(task: TaskHandle<VideoDownloadResult>): Promise<EndedDownload> {
  try {
    const result = await task.wait();
    return { view: (await task.show()).view, result };
  } catch (error) {
    if (!(error instanceof TaskFailedError)) throw error;
    return { view: error.view, result: null };
  }
}

/** From the start of the run to its end, in ms. */
export function durationOf(view: TaskView): number {
  return Math.max(0, Date.parse(view.updated_at) - Date.parse(view.created_at));
}
