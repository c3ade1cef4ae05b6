import type { NetworkRules } from '../../domain/network-rules.ts';
import type { VideoDownloadInput } from '../../domain/video-download.ts';
import { type HttpSettings, NetworkGuard } from '../../download/index.ts';
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

const ANYWHERE: NetworkRules = { allowPrivate: true, allow: [], deny: [] };

/** Makes the requests of downloads: where they may go, how large files may be, which session they show. */
export class DownloadRequests {
  readonly #deps: RequestDeps;
  /** Of those who run rekindle; undefined: nothing is forbidden. */
  readonly #own: NetworkGuard | undefined;
  readonly #untrusted: NetworkGuard;

  constructor(deps: RequestDeps) {
    this.#deps = deps;
    const { network = ANYWHERE } = deps;
    this.#untrusted = new NetworkGuard({ ...network, allowPrivate: false });
    const free = network.allowPrivate && network.deny.length === 0;
    this.#own = free ? undefined : new NetworkGuard(network);
  }

  /** Does the work of a step with the settings for its requests; in case of a session again with a fresh one. */
  async run<T>(
    task: VideoDownloadInput,
    step: StepContext,
    progress: () => number,
    work: (http: HttpSettings) => Promise<T>,
  ): Promise<T> {
    const { session: name } = task;
    if (!name) return await work(this.#settings(task));
    const { sessions } = this.#deps;
    if (!sessions) throw new Error('this worker has no sessions');
    return await withSession({ sessions, name, step, progress }, (session) =>
      work(this.#settings(task, session)),
    );
  }

  #settings(task: VideoDownloadInput, session?: RequestSession): HttpSettings {
    const { http, download } = this.#deps;
    const { stallTimeoutMs, connectTimeoutMs, maxRedirects, headers } = http;
    const guard = task.untrusted ? this.#untrusted : this.#own;
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
