import type { NetworkRules } from '../../domain/network-rules.ts';
import type { VideoDownloadInput } from '../../domain/video-download.ts';
import { type HttpSettings, NetworkGuards } from '../../download/index.ts';
import type { RequestSession } from '../../download/request-session.ts';
import type { SessionPort } from '../../sessions/session-port.ts';
import type { StepContext } from '../define-step.ts';
import { withSession } from '../with-session.ts';

/** What bounds downloads. */
export interface DownloadLimits {
  /** Absolute directories that targets must lie in; null: anywhere. */
  readonly directories: readonly string[] | null;
  readonly maxBytes: number | null;
  readonly maxDurationMs: number | null;
}

/** What requests of downloads are made with. */
export interface RequestDeps {
  readonly http: Omit<HttpSettings, 'session' | 'guard' | 'maxBytes'>;
  /** @default anywhere */
  readonly network?: NetworkRules;
  /** @default none */
  readonly download?: DownloadLimits;
  readonly sessions?: SessionPort;
}

/** Makes the requests of downloads: where they may go, how large files may be, which session they show. */
export class DownloadRequests {
  readonly #deps: RequestDeps;
  readonly #guards: NetworkGuards;

  constructor(deps: RequestDeps) {
    this.#deps = deps;
    this.#guards = new NetworkGuards(deps.network);
  }

  /** Does the work of a step with the settings for its requests; in case of a session again with a fresh one. */
  async run<T>(
    task: VideoDownloadInput,
    step: StepContext,
    progress: () => number,
    work: (http: HttpSettings) => Promise<T>,
  ): Promise<T> {
    const { session: name, untrusted } = task;
    if (!name) return await work(this.#settings(task));
    const { sessions } = this.#deps;
    if (!sessions) throw new Error('this worker has no sessions');
    return await withSession({ sessions, name, step, progress, untrusted }, (session) =>
      work(this.#settings(task, session)),
    );
  }

  #settings(task: VideoDownloadInput, session?: RequestSession): HttpSettings {
    const { http, download } = this.#deps;
    const { stallTimeoutMs, connectTimeoutMs, maxRedirects, headers } = http;
    const guard = this.#guards.for(task);
    const limits = [task.maxBytes, download?.maxBytes ?? undefined].filter((one) => one !== undefined);
    return {
      stallTimeoutMs,
      connectTimeoutMs,
      maxRedirects,
      ...(headers ? { headers } : {}),
      ...(guard ? { guard } : {}),
      ...(session ? { session } : {}),
      ...(limits.length > 0 ? { maxBytes: Math.min(...limits) } : {}),
    };
  }
}
