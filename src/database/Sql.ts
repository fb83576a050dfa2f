/**
 * The one small port to SQL databases, over libsql (`sqlite.ts`) and later pg. The ledger's own tables and every projection use it,
 * so statements are written once, in the subset the two have in common: parameters are `$1`, `$2`, …; upserts are `ON CONFLICT`.
 * It must never build SQL from values, retry a statement, or give an error other than {@link SqlError} for what a database says.
 *
 * What an adapter promises:
 * - `transaction` gives the only way to write. Transactions of one process take turns, in order of arrival; across processes
 *   the write lock is taken before the first statement, so what a transaction reads stays true until it ends.
 * - A transaction whose function returns is durable when the promise resolves. One that throws leaves nothing.
 * - After a statement fails inside a transaction the transaction is lost: later statements throw, and so does the transaction,
 *   even if the function swallowed the error.
 * - `query` outside a transaction reads the newest committed state, never the inside of somebody's transaction.
 * - Integers come back as numbers and must be safe; blobs as `Uint8Array`. There are no booleans (use 0 and 1), and no NUL in a text.
 * - Rows are by column name. Name the columns you select: what `SELECT *` gives after another process has changed the table is
 *   not specified.
 */

/** What may be bound. A number that is an integer is bound as one and must be safe. */
export type SqlValue = string | number | null | Uint8Array;

/** What comes back, by column name. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** For the few statements that cannot be written once. */
export type Dialect = "sqlite" | "postgres";

/** Statements inside one transaction. Usable only until the transaction's function has returned. */
export interface SqlSession {
  readonly dialect: Dialect;
  /** Rows of a statement that returns rows. */
  query<R = SqlRow>(sql: string, params?: readonly SqlValue[]): Promise<R[]>;
  /** Runs a statement; answers how many rows it changed. */
  run(sql: string, params?: readonly SqlValue[]): Promise<number>;
  /**
   * Inserts many rows, in order, as few statements: `insert("unit (id, name)", "($1, upper($2))", rows)`. `tail` is what stands after the
   * values, such as `ON CONFLICT DO NOTHING`. Answers how many rows were inserted or changed.
   */
  insert(into: string, tuple: string, rows: readonly (readonly SqlValue[])[], tail?: string): Promise<number>;
  /** Runs one statement for each row of parameters, in order; answers how many rows changed in all. */
  runEach(sql: string, rows: Iterable<readonly SqlValue[]>): Promise<number>;
  /** Runs a script of several statements without parameters (migrations). It must not begin or end a transaction. */
  exec(script: string): Promise<void>;
}

export interface Sql {
  readonly dialect: Dialect;
  /** Reads the newest committed state. */
  query<R = SqlRow>(sql: string, params?: readonly SqlValue[]): Promise<R[]>;
  /** A transaction of one statement. */
  run(sql: string, params?: readonly SqlValue[]): Promise<number>;
  /** Runs `work` in one transaction. Do not start another transaction of the same port inside: it would wait for this one. */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
  /** A script in a transaction of its own. */
  exec(script: string): Promise<void>;
  /** Waits for the running transaction, then closes. Whatever comes later throws `CLOSED`. */
  close(): Promise<void>;
}

export type SqlErrorCode =
  | "DISK_FULL"
  | "READ_ONLY"
  | "LOCKED"
  | "NOT_A_DATABASE"
  | "CANNOT_OPEN"
  | "CONNECTION"
  | "CORRUPT"
  | "IO"
  | "CONSTRAINT"
  | "RAISED"
  | "CLOSED"
  | "STATEMENT";

/** What a database answered, by the meaning of its own error code. The database's own message is in `cause`. */
export class SqlError extends Error {
  readonly code: SqlErrorCode;
  /** True only if a commit failed in a way that may still have made it durable. */
  readonly ambiguous: boolean;
  /** The next step, where the adapter knows a better one than the code tells. */
  readonly next: string | undefined;
  constructor(
    code: SqlErrorCode,
    message: string,
    options: { ambiguous?: boolean; next?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SqlError";
    this.code = code;
    this.ambiguous = options.ambiguous ?? false;
    this.next = options.next;
  }
}
