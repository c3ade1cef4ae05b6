/** A message in the system's own list, as the mirror keeps it. */
export interface InAppMessage {
  /** The same message, told again with a greater count, has the same ID. */
  readonly id: string;
  /** Who shall see it, e.g. `customer_service`. */
  readonly team: string;
  readonly audience: string;
  readonly priority: string;
  readonly subject: string;
  readonly body: string;
  /** Notifications that it tells of. */
  readonly count: number;
  readonly taskIds: readonly string[];
  /** When it was written, in ms since the epoch. */
  readonly atMs: number;
}

/** Which messages somebody has read; each condition that is not null must hold. */
export interface ReadMessages {
  /** null: all of them. */
  readonly ids: readonly string[] | null;
  /** null: of every team. */
  readonly team: string | null;
  /** When they were read, in ms since the epoch. */
  readonly atMs: number;
}

/** What that changed. */
export interface MessagesRead {
  /** Messages that nobody had read before. */
  readonly read: number;
  /** IDs of which there is no message. */
  readonly unknown: readonly string[];
}
