import type { NetworkGuard } from './network-guard.ts';
import type { RequestSession } from './request-session.ts';

/** How the download talks HTTP; the same for every connection of a task. */
export interface HttpSettings {
  /** Give a connection up when nothing has arrived for so long, ms. */
  readonly stallTimeoutMs: number;
  /** Give a connection up when it is not open after so long, ms. */
  readonly connectTimeoutMs: number;
  /** Redirects to follow before REDIRECT_LOOP. */
  readonly maxRedirects: number;
  /** Sent with every request; `authorization` and `cookie` only to the origin of the task's URL. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The site's session that requests show to its own origins. */
  readonly session?: RequestSession;
  /** Where connections may go. @default anywhere */
  readonly guard?: NetworkGuard;
  /** A larger file is not fetched. @default no limit */
  readonly maxBytes?: number;
}
