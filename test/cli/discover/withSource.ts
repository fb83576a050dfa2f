// A bracket: a database with documents of others, a login that may only read it, and the command line with a ledger of its own beside it.
import * as assert from "uvu/assert";
import { type PostgresCluster, postgresCluster } from "../../support/postgresCluster.js";
import { type Cli, type Spoken, withCli } from "../withCli.js";
import { type Discovered, parseDiscovered } from "./discoverShapes.js";

export interface SourceDatabase {
  readonly cli: Cli;
  readonly cluster: PostgresCluster;
  readonly database: string;
  /** The URL for the login that may only read. */
  readonly url: string;
  /** Statements of the owner. */
  owner(sql: string): Promise<unknown>;
  /** `discover` as the reader, with these words. */
  say(...words: string[]): Promise<Spoken>;
  /** As `say`, with --json, and the lines parsed. */
  discovered(words: readonly string[], exit?: number): Promise<Discovered>;
}

/** `reader` may select from what is in the schema `acme`, made by `sql`. */
export async function withSource<T>(sql: string, use: (source: SourceDatabase) => Promise<T>): Promise<T> {
  const cluster = await postgresCluster();
  const database = await cluster.createDatabase();
  return withSourceIn(cluster, database, sql, use);
}

export function withSourceIn<T>(
  cluster: PostgresCluster,
  database: string,
  sql: string,
  use: (source: SourceDatabase) => Promise<T>,
): Promise<T> {
  const owner = (text: string) => cluster.admin(database, text);
  return withCli(async (cli) => {
    await owner(`
      DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      CREATE SCHEMA acme; ${sql};
      GRANT USAGE ON SCHEMA acme TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA acme TO reader`);
    assert.is((await cli.iu(["init"])).exit, 0);
    const url = cluster.url(database, "reader");
    const say = (...words: string[]) => cli.iu(["discover", url, ...words]);
    return use({
      cli,
      cluster,
      database,
      url,
      owner,
      say,
      async discovered(words, exit = 0) {
        const said = await say(...words, "--json");
        assert.is(said.exit, exit, said.all);
        assert.is(said.err, "");
        return parseDiscovered(said.out);
      },
    });
  });
}

/** What stands in a source by id: the status and the codes of the findings. */
export function byId({ found }: Discovered): Record<string, string> {
  return Object.fromEntries(
    found.map(({ id, number, status, findings }) => [
      id ?? `row ${number}`,
      [status, ...findings.map(({ code }) => code)].join(" "),
    ]),
  );
}
