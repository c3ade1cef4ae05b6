import type { Source } from '../domain/video-download.ts';
import type { HttpClient } from './http-client.ts';
import type { HttpSettings } from './http-settings.ts';
import type { PartWriter } from './part-writer.ts';
import type { Region } from './regions.ts';

/** What the lanes of a transfer share. */
export interface LaneContext {
  readonly source: Source;
  readonly http: HttpSettings;
  readonly client: HttpClient;
  readonly writer: PartWriter;
  readonly signal: AbortSignal;
}

/** One connection's worth of fetching. */
export interface Lane {
  /**
   * Fetches `region`, or as much of its front as the server gives at once. Moves `region.position` behind
   * what it has received; when it returns or throws, all of that is written. `region.end` may be lowered meanwhile.
   */
  fetch(region: Region): Promise<void>;
  /** Drops the connection. */
  close(): void;
}
