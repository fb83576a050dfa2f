/** Statements inside one transaction on one Postgres connection. Nothing is prepared by name: a pooler may give the next transaction another server. */
import type { ClientBase } from "pg";
import { insertSizes, insertStatement } from "./insertStatement.js";
import { sqlErrorOf } from "./postgresErrors.js";
import { bind } from "./postgresValues.js";
import type { SqlSession, SqlValue } from "./Sql.js";

/** Statements sent ahead of their answers, at most. */
const aheadMax = 200;

/** Statements on a connection that is inside a transaction. `client` must be one that pipelines. */
export function postgresSession(client: ClientBase): SqlSession {
  const run = async (sql: string, params: readonly SqlValue[] = []): Promise<number> =>
    (await answered(client.query(sql, bind(params)))).rowCount ?? 0;
  return {
    dialect: "postgres",
    query: async <R>(sql: string, params: readonly SqlValue[] = []) =>
      (await answered(client.query(sql, bind(params)))).rows as R[],
    run,
    insert: (into, tuple, rows, tail) =>
      sum(inserts(rows), ({ from, count }) =>
        run(insertStatement(into, tuple, count, tail), rows.slice(from, from + count).flat()),
      ),
    runEach: (sql, rows) => sum(rows, (row) => run(sql, row)),
    exec: async (script) => void (await answered(client.query(script))),
  };
}

function* inserts(rows: readonly unknown[]): Generator<{ from: number; count: number }> {
  for (let from = 0; from < rows.length; ) {
    const count = insertSizes.find((size) => size <= rows.length - from) as number;
    yield { from, count };
    from += count;
  }
}

/** Sends one statement for each item without waiting for the answers one by one; the sum of them. */
async function sum<T>(items: Iterable<T>, send: (item: T) => Promise<number>): Promise<number> {
  let total = 0;
  let ahead: Promise<number>[] = [];
  const answers = async () => {
    // All of them: after one has failed the others fail too, and must not do so unheard.
    const settled = await Promise.allSettled(ahead);
    ahead = [];
    for (const one of settled) {
      if (one.status === "rejected") throw one.reason;
      total += one.value;
    }
  };
  for (const item of items) {
    ahead.push(send(item));
    if (ahead.length >= aheadMax) await answers();
  }
  await answers();
  return total;
}

async function answered<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    throw sqlErrorOf(error, "run a statement");
  }
}
