import Database from 'better-sqlite3';

export type SqlValue = string | number | null;
export type SqlParams = readonly SqlValue[] | Readonly<Record<string, SqlValue>>;

/** What `PRAGMA table_info` says of a column. */
export interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  readonly pk: number;
}

/** How a connection is opened. */
export interface ConnectionOptions {
  /** @default false */
  readonly readonly?: boolean;
  /** How long a statement waits for another process's lock, in ms. It waits without giving the thread back. @default 2000 */
  readonly busyTimeoutMs?: number;
}

export const DEFAULT_BUSY_TIMEOUT_MS = 2000;

/** The WAL file is cut back to this size after a checkpoint, so that one busy hour leaves no large file behind. */
const WAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024;

/** One SQLite connection with its prepared statements, each compiled once. */
export class Connection {
  readonly db: Database.Database;
  readonly #statements = new Map<string, Database.Statement<unknown[]>>();

  constructor(
    path: string,
    { readonly = false, busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS }: ConnectionOptions,
  ) {
    this.db = new Database(path, { readonly, fileMustExist: readonly, timeout: busyTimeoutMs });
    this.db.pragma('foreign_keys = ON');
  }

  /** Sets the file up for one writer beside many readers. Not done on opening: the file may be another program's. */
  setUpForWriting(): void {
    // Only a new file takes this, before its first page: space of deleted rows can then be given back piece by piece.
    this.db.pragma('auto_vacuum = INCREMENTAL');
    this.db.pragma('journal_mode = WAL');
    // A power cut may cost the last commits, never the file; Temporal still has what they said.
    this.db.pragma('synchronous = NORMAL');
    this.db.pragma(`journal_size_limit = ${WAL_SIZE_LIMIT_BYTES}`);
  }

  /** The first row, if any. */
  get<Row>(sql: string, params: SqlParams = []): Row | undefined {
    return this.#prepare(sql).get(params) as Row | undefined;
  }

  all<Row>(sql: string, params: SqlParams = []): Row[] {
    return this.#prepare(sql).all(params) as Row[];
  }

  /** Rows one by one, for tables that need not fit into memory. */
  iterate<Row>(sql: string, params: SqlParams = []): IterableIterator<Row> {
    return this.#prepare(sql).iterate(params) as IterableIterator<Row>;
  }

  /** @returns the number of rows that changed. */
  run(sql: string, params: SqlParams = []): number {
    return this.#prepare(sql).run(params).changes;
  }

  /** Inserts a row. @returns its rowid. */
  insert(sql: string, params: SqlParams = []): number {
    return Number(this.#prepare(sql).run(params).lastInsertRowid);
  }

  /** Runs statements that need no compiling for later: migrations, BEGIN, PRAGMA. */
  exec(sql: string): void {
    this.db.exec(sql);
  }

  /** The one value of a pragma. */
  pragma(name: string): SqlValue {
    return this.db.pragma(name, { simple: true }) as SqlValue;
  }

  /** Runs `fn` in a transaction that takes the write lock at once, so that waiting happens here and not half-way. */
  transaction<T>(fn: () => T): T {
    return this.db.transaction(fn).immediate();
  }

  tables(): string[] {
    const rows = this.all<{ name: string }>(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    );
    return rows.map((row) => row.name);
  }

  columns(table: string): ColumnInfo[] {
    return this.all<ColumnInfo>('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)', [
      table,
    ]);
  }

  close(): void {
    this.#statements.clear();
    this.db.close();
  }

  #prepare(sql: string): Database.Statement<unknown[]> {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.db.prepare<unknown[]>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
