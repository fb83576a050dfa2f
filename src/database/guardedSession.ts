/** What every adapter of the port promises of a session: it ends with its transaction, and a failed statement ends it too. */
import { SqlError, type SqlSession, type SqlValue } from "./Sql.js";

/** A session that is dead once its transaction has ended or a statement in it has failed. */
export function guardedSession(inner: SqlSession): { session: SqlSession; end: (quietly?: boolean) => void } {
  let failure: unknown;
  let ended = false;
  async function within<T>(work: () => Promise<T>): Promise<T> {
    if (ended) throw new SqlError("STATEMENT", "the transaction has ended; nothing more can be said in it");
    if (failure !== undefined) throw failure;
    try {
      return await work();
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return {
    session: {
      dialect: inner.dialect,
      query: <R>(sql: string, params?: readonly SqlValue[]) => within(() => inner.query<R>(sql, params)),
      run: (sql, params) => within(() => inner.run(sql, params)),
      insert: (into, tuple, rows, tail) => within(() => inner.insert(into, tuple, rows, tail)),
      runEach: (sql, rows) => within(() => inner.runEach(sql, rows)),
      exec: (script) => within(() => inner.exec(script)),
    },
    end(quietly = false) {
      ended = true;
      if (failure !== undefined && !quietly) throw failure;
    },
  };
}
