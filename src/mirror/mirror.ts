import type { Connection, ConnectionOptions } from './connection.ts';
import { mirrorError, unavailable, withMirrorErrors } from './errors.ts';
import { Readers } from './readers.ts';

/** How the mirror is opened. */
export interface MirrorOptions extends ConnectionOptions {
  /** Connections for reading (`database.max_connections`). @default 10, as documented */
  readonly maxReaders?: number;
}

/** As `database.max_connections` in the documents. */
export const DEFAULT_MAX_READERS = 10;

/**
 * An open mirror: one connection that writes, and a pool that reads. Only one process may write; which one is
 * decided outside (the mirror owner). Any number of processes and tools may read meanwhile.
 */
export class Mirror {
  readonly path: string;
  readonly readonly: boolean;
  readonly #writer: Connection | undefined;
  readonly #readers: Readers;
  #closed = false;

  /** Use {@link openMirror}. @param writer undefined: this process only reads. */
  constructor(path: string, writer: Connection | undefined, options: MirrorOptions) {
    this.path = path;
    this.readonly = writer === undefined;
    this.#writer = writer;
    this.#readers = new Readers(path, options.maxReaders ?? DEFAULT_MAX_READERS, options);
  }

  /**
   * Runs `fn` in one transaction: all of it is written or nothing.
   * @throws {RekindleError} `MIRROR_UNAVAILABLE`.
   */
  write<T>(fn: (connection: Connection) => T): T {
    return this.direct((writer) => writer.transaction(() => fn(writer)));
  }

  /** Runs `fn` on the writing connection outside of a transaction: for VACUUM, checkpoints and the like. */
  direct<T>(fn: (connection: Connection) => T): T {
    const writer = this.#writer;
    if (!writer) throw unavailable(this.path, 'was opened for reading only', 'Let the mirror owner write.');
    return withMirrorErrors(this.path, () => fn(writer));
  }

  /** Runs `fn`, which reads and ends at once. @throws {RekindleError} `MIRROR_UNAVAILABLE`. */
  read<T>(fn: (connection: Connection) => T): T {
    return withMirrorErrors(this.path, () => fn(this.#readers.shared()));
  }

  /**
   * Runs `fn` on a connection of its own that sees the mirror as it is now, whatever is written meanwhile. At most
   * `maxReaders - 1` run at once, others wait.
   */
  async readSnapshot<T>(fn: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await this.#readers.borrow((connection) => inSnapshot(connection, fn));
    } catch (error) {
      throw mirrorError(this.path, error);
    }
  }

  /** Closes all connections and empties the WAL into the file. Doing it again does nothing. */
  close(): void {
    if (this.#closed) return;
    // Best effort: a reader elsewhere may keep the WAL busy, and a full disk takes nothing.
    try {
      this.#writer?.pragma('wal_checkpoint(TRUNCATE)');
    } catch {}
    this.abandon();
  }

  /** Closes all connections and writes nothing: the file is not the one at the path any more. */
  abandon(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#readers.close();
    this.#writer?.close();
  }
}

async function inSnapshot<T>(connection: Connection, fn: (connection: Connection) => Promise<T>): Promise<T> {
  connection.exec('BEGIN');
  try {
    // A read transaction sees the state of its first read, not of its BEGIN.
    connection.get('SELECT 1 FROM sqlite_master');
    return await fn(connection);
  } finally {
    connection.exec('COMMIT');
  }
}
