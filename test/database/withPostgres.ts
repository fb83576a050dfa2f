/** A bracket: the Sql port over a fresh database, with the schema it works in. */
import { openPostgres, type PostgresOptions, type PostgresSql } from "../../src/database/postgres.js";
import { type PostgresCluster, postgresCluster } from "../support/postgresCluster.js";

export interface PostgresPort {
  readonly sql: PostgresSql;
  readonly cluster: PostgresCluster;
  readonly database: string;
  /** Opens the same database once more, as another process would. The bracket closes it. */
  again(options?: PostgresOptions & { readonly login?: string }): Promise<PostgresSql>;
}

export async function withPostgres<T>(use: (port: PostgresPort) => Promise<T>): Promise<T> {
  const cluster = await postgresCluster();
  const database = await cluster.createDatabase();
  const opened: PostgresSql[] = [];
  const again: PostgresPort["again"] = async ({ login, ...options } = {}) => {
    const sql = await openPostgres(cluster.url(database, login), options);
    opened.push(sql);
    return sql;
  };
  try {
    const sql = await again();
    await sql.exec("CREATE SCHEMA iu");
    return await use({ sql, cluster, database, again });
  } finally {
    for (const sql of opened) await sql.close();
  }
}
