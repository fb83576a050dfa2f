/**
 * What this program makes in a Postgres database, pinned: a database may only be looked at, so what it should be made of cannot be made
 * beside it to compare. `pinned.postgres.ndjson` (one line of what they were made from, then one line for each object) was written from a new database by the test that makes it again on every run; a digest of the
 * scripts tells, without a server too, when they have changed and the pins have not.
 */
import { readMigrations } from "../database/migrate.js";
import { readPackageFile } from "../database/packageFile.js";
import type { SqlSession } from "../database/Sql.js";
import { sha256Hex } from "../events/canonical.js";
import type { SchemaObject } from "./schemaObjects.js";
import { projectionScripts } from "./tables.js";

export interface PinnedObjects {
  /** The server's major version that wrote them: another one may say the same thing in other words. */
  readonly major: number;
  /** SHA-256 of the scripts that made them. */
  readonly from: string;
  /** How many migrations there are. */
  readonly migrations: number;
  readonly ledger: readonly SchemaObject[];
  readonly readModels: readonly SchemaObject[];
}

export const pinnedObjectsFile = "src/projecting/pinned.postgres.ndjson";

type Line = SchemaObject & { readonly of: "ledger" | "read models" };

export function parsePinned(text: string): PinnedObjects {
  const [first, ...rest] = text.split("\n").filter((line) => line !== "");
  const lines = rest.map((line) => JSON.parse(line) as Line);
  const only = (of: Line["of"]) => lines.filter((line) => line.of === of).map(({ of: _, ...object }) => object);
  const from = JSON.parse(first ?? "{}") as Pick<PinnedObjects, "major" | "from" | "migrations">;
  return { ...from, ledger: only("ledger"), readModels: only("read models") };
}

export function formatPinned({ major, from, migrations, ledger, readModels }: PinnedObjects): string {
  const lines = [
    { major, from, migrations },
    ...ledger.map((one) => ({ of: "ledger", ...one })),
    ...readModels.map((one) => ({ of: "read models", ...one })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

export function pinnedObjects(): PinnedObjects {
  return parsePinned(readPackageFile(pinnedObjectsFile));
}

/** The digest of the scripts as they are now. */
export function scriptsDigest(): string {
  const migrations = readMigrations("src/database/migrations/postgres").map(({ script }) => script);
  return sha256Hex([...migrations, projectionScripts("postgres")].join("\n"));
}

/** The server's major version. */
export async function serverMajor(sql: Pick<SqlSession, "query">): Promise<number> {
  const [row] = await sql.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int4 / 10000 AS version",
  );
  return row?.version ?? 0;
}

/**
 * An object as it can be compared across majors, whose words for the same thing differ: qualified names, parentheses, white space. What a
 * function is made of is its own text on every server and stays as it is.
 */
export function inAnyMajor(object: SchemaObject): SchemaObject {
  if (object.type === "function") return object;
  const words = object.sql.replace(/\b[a-z_][a-z0-9_]*\./gi, "").replace(/[\s()"]+/g, "");
  return { ...object, sql: words };
}
