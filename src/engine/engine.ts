/** The Temporal server that a command uses, wherever it is. */

export interface Engine {
  /** `host:port` of its gRPC service. */
  readonly address: string;
  /** Where people look at it; null: we don't know (a server that is not ours). */
  readonly uiAddress: string | null;
  readonly namespace: string;
  /** Whether it is the data directory's own. */
  readonly embedded: boolean;
  /** Whether this call started it; false: it ran already. */
  readonly started: boolean;
  /** null: not a process of ours. */
  readonly pid: number | null;
  /** Says that this command is done with it; the last one out stops an embedded server. A second call does nothing. */
  release(options?: ReleaseOptions): Promise<ReleaseOutcome>;
  /** Calls back once when an embedded server's process is gone for whatever reason. Returns how to stop watching. */
  onExit(listener: () => void): () => void;
}

export interface ReleaseOptions {
  /** Leave the server running although nobody uses it any more. @default false */
  readonly keep?: boolean;
  /**
   * How long the server gets to end by itself, in milliseconds, before it is killed. When it is asked to end it waits
   * a full second for its clients before it does anything; as the last of them is gone, killing it at once loses
   * nothing that was acknowledged (its file is a write-ahead log) and saves 1.2 s (docs/decisions/0003-embedded-engine.md).
   * @default 0
   */
  readonly graceMs?: number;
}

/** `left`: others use it, or it is to be kept; `external`: not ours to stop. */
export type ReleaseOutcome = 'stopped' | 'killed' | 'gone' | 'left' | 'external';

/** What a user of the engine may want to say or hear while it is being found or started. */
export interface EngineOptions {
  /** Told what takes time, a line at a time. */
  readonly say?: (line: string) => void;
  /** What the command is; shown to others that use the same directory. @default rekindle */
  readonly purpose?: string;
  readonly signal?: AbortSignal;
  /** Called when the server's process has been started and is not ready yet: time to load libraries. */
  readonly whileStarting?: () => unknown;
  /** How long a server that runs may take to answer before it counts as hanging, in milliseconds. @default 10 s */
  readonly answerTimeoutMs?: number;
  /** Environment of the programs that are tried when the executable is looked for. @default that of this process */
  readonly env?: NodeJS.ProcessEnv;
}
