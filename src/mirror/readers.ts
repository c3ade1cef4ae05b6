import { Connection, type ConnectionOptions } from './connection.ts';
import { unavailable } from './errors.ts';

/**
 * Connections for reading, opened when they are needed. Short reads share one, since they end before anything
 * else runs on this thread. A long read, one that waits for something half-way, borrows one of its own.
 */
export class Readers {
  readonly #path: string;
  readonly #options: ConnectionOptions;
  readonly #mostBorrowed: number;
  #shared: Connection | undefined;
  readonly #idle: Connection[] = [];
  #size = 0;
  #closed = false;
  #borrowed = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param most connections in all; at least the shared one and one to borrow are allowed. */
  constructor(path: string, most: number, options: ConnectionOptions) {
    this.#path = path;
    this.#options = { ...options, readonly: true };
    this.#mostBorrowed = Math.max(1, most - 1);
  }

  /** The connection for short reads. */
  shared(): Connection {
    this.#shared ??= this.#open();
    return this.#shared;
  }

  /** Lends a connection to `fn` for as long as it takes; waits, first come first served, when all are lent. */
  async borrow<T>(fn: (connection: Connection) => Promise<T>): Promise<T> {
    // Not awaited when it is free: what `fn` reads first is then the state at the time of the call.
    const turn = this.#takeTurn();
    if (turn) await turn;
    try {
      const connection = this.#idle.pop() ?? this.#open();
      try {
        return await fn(connection);
      } finally {
        this.#giveBack(connection);
      }
    } finally {
      this.#passTurn();
    }
  }

  /** Number of open connections. */
  get size(): number {
    return this.#size;
  }

  /** Closes what is idle at once, and what is lent when it comes back. */
  close(): void {
    this.#closed = true;
    for (const connection of [...this.#idle, ...(this.#shared ? [this.#shared] : [])]) this.#drop(connection);
    this.#idle.length = 0;
    this.#shared = undefined;
  }

  /** @returns undefined when one is free. */
  #takeTurn(): Promise<void> | undefined {
    if (this.#borrowed >= this.#mostBorrowed) {
      return new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#borrowed += 1;
    return undefined;
  }

  #passTurn(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#borrowed -= 1;
  }

  #open(): Connection {
    if (this.#closed) throw unavailable(this.#path, 'was closed', 'Open it again.');
    const connection = new Connection(this.#path, this.#options);
    this.#size += 1;
    return connection;
  }

  #giveBack(connection: Connection): void {
    if (this.#closed) this.#drop(connection);
    else this.#idle.push(connection);
  }

  #drop(connection: Connection): void {
    connection.close();
    this.#size -= 1;
  }
}
