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
}
