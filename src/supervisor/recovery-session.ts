/** What is known of a crash, and how the system got over it (SPEC section 8). All of it is JSON. */

/**
 * What had crashed. `machine`: it was started again since; `unknown`: something was left behind, and nothing tells whose
 * it is.
 */
export type CrashCause = 'worker' | 'supervisor' | 'engine' | 'machine' | 'unknown';

/** A part of a recovery, in the order in which they are done. */
export interface RecoveryStep {
  readonly step: 'clean' | 'recover' | 'validate';
  readonly seconds: number;
  /** What went wrong in it; empty: nothing. */
  readonly problems: readonly string[];
}

/** Tasks that had not ended when the crash was noticed. */
export interface UnfinishedTasks {
  /** null: Temporal could not be asked. */
  readonly count: number | null;
  /** The newest of them, at most 100. */
  readonly task_ids: readonly string[];
}

/** One recovery from a crash: clean, recover, validate. */
export interface RecoverySession {
  readonly session_id: string;
  /**
   * `failed`: something does not go on, or could not be cleaned; {@link problems} says what. `interrupted`: its end was
   * not written down, so nobody knows how far it came.
   */
  readonly status: 'running' | 'completed' | 'failed' | 'interrupted';
  readonly crashed: true;
  readonly cause: CrashCause;
  /** When the crash was noticed, ISO 8601 in UTC. */
  readonly started_at: string;
  /** Of one that is `running`: when this was written; of one that is `interrupted`: when that was noticed. */
  readonly ended_at: string;
  /**
   * Until everything went on that had been interrupted: from the crash when that was seen, else from the start of the
   * process that recovers.
   */
  readonly seconds: number;
  readonly steps: readonly RecoveryStep[];
  /** What was left behind and is gone now: files and locks, as paths in the data directory. */
  readonly cleaned: readonly string[];
  /** IDs of the tasks that had been interrupted and go on, at most 1000. */
  readonly recovered_tasks: readonly string[];
  readonly recovered_count: number;
  readonly unfinished: UnfinishedTasks;
  /** Whether every step that had been interrupted was started again, or its task has moved on. */
  readonly validated: boolean;
  readonly problems: readonly string[];
  /** Workers that had died. */
  readonly dead_workers: number;
  /** Steps that were failed in the dead workers' name, so that they go on at once. */
  readonly steps_taken_over: number;
  /** Workflows that were taken off the dead workers' queues. */
  readonly workflows: number;
}
