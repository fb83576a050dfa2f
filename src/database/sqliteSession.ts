/**
 * Statements on one SQLite connection. It must never let libsql see a value it cannot bind: that ends the process instead of throwing.
 */
import type Database from "libsql";
import { insertSizes, insertStatement } from "./insertStatement.js";
import type { SqlSession, SqlValue } from "./Sql.js";
import { attempt } from "./sqliteErrors.js";

/** How many prepared statements a connection keeps. */
const statementsMax = 500;

interface Prepared {
  readonly statement: Database.Statement<unknown[]>;
  readonly columns: readonly string[];
}

/** Statements on one connection, prepared once each. `schema` is shared by the connections of a file: a script may change tables. */
export function sqliteSession(db: Database.Database, schema: { generation: number }): SqlSession {
  const prepared = new Map<string, Prepared>();
  let generation = schema.generation;
  function prepare(sql: string): Prepared {
    if (generation !== schema.generation) {
      prepared.clear();
      generation = schema.generation;
      // Makes the connection look at the tables again: what is prepared before it has tells the old columns.
      db.exec("SELECT count(*) FROM sqlite_schema");
    }
    let found = prepared.get(sql);
    if (found === undefined) {
      const statement = db.prepare(sql.replace(/\$(\d+)/g, "?$1"));
      const columns = statement.columns().map((column) => column.name);
      // Rows as arrays: libsql gives blobs as `ArrayBuffer` in objects, and as `Buffer` in arrays.
      if (columns.length > 0) statement.raw(true);
      found = { statement, columns };
      if (prepared.size >= statementsMax) prepared.delete(prepared.keys().next().value as string);
      prepared.set(sql, found);
    }
    return found;
  }
  /** Runs now; a throw becomes a rejection. A statement that failed is dropped: libsql may have left it unfinished. */
  function using<T>(sql: string, use: (prepared: Prepared) => T): Promise<T> {
    return new Promise((resolve) => {
      try {
        resolve(attempt("run a statement", () => use(prepare(sql))));
      } catch (error) {
        prepared.delete(sql);
        throw error;
      }
    });
  }
  return {
    dialect: "sqlite",
    async insert(into, tuple, rows, tail) {
      let changes = 0;
      for (let at = 0; at < rows.length; ) {
        const size = insertSizes.find((one) => one <= rows.length - at) as number;
        const params = rows.slice(at, at + size).flat();
        changes += await using(
          insertStatement(into, tuple, size, tail),
          ({ statement }) => statement.run(bind(params)).changes,
        );
        at += size;
      }
      return changes;
    },
    query: <R>(sql: string, params: readonly SqlValue[] = []) =>
      using(sql, ({ statement, columns }) => rowsOf<R>(statement.all(bind(params)) as SqlValue[][], columns)),
    run: (sql, params = []) => using(sql, ({ statement }) => statement.run(bind(params)).changes),
    runEach: (sql, rows) =>
      using(sql, ({ statement }) => {
        let changes = 0;
        for (const row of rows) changes += statement.run(bind(row)).changes;
        return changes;
      }),
    exec: (script) =>
      new Promise((resolve) => {
        schema.generation++;
        resolve(attempt("run a script", () => void db.exec(script)));
      }),
  };
}

function rowsOf<R>(arrays: readonly SqlValue[][], columns: readonly string[]): R[] {
  return arrays.map((values) => {
    const row: Record<string, SqlValue> = {};
    for (let i = 0; i < columns.length; i++) row[columns[i] as string] = values[i] as SqlValue;
    return row as R;
  });
}

/** libsql binds every JavaScript number as a float and dies on a boolean: integers go in as BigInt, anything odd is a bug. */
function bind(params: readonly SqlValue[]): unknown[] {
  const bound = new Array<unknown>(params.length);
  for (let i = 0; i < params.length; i++) {
    const value = params[i];
    if (typeof value === "number") {
      if (Number.isSafeInteger(value)) bound[i] = BigInt(value);
      else if (Number.isFinite(value) && !Number.isInteger(value)) bound[i] = value;
      else throw new TypeError(`parameter $${i + 1}: ${value} is not a safe number`);
    } else if (typeof value === "string") {
      if (!value.isWellFormed()) throw new TypeError(`parameter $${i + 1}: a lone surrogate has no UTF-8`);
      if (value.includes("\0")) throw new TypeError(`parameter $${i + 1}: no text holds a NUL; bind bytes`);
      bound[i] = value;
    } else if (value === null || value instanceof Uint8Array) {
      bound[i] = value;
    } else {
      throw new TypeError(`parameter $${i + 1}: a ${typeof value} cannot be bound; use text, integers, bytes or null`);
    }
  }
  return bound;
}
