/** Everything of a database that a mutation could show in, measured at one moment: the log's size and root, every table, the schema. */
import type { Sql } from "../database/Sql.js";
import type { Surfaces } from "../events/facts.js";
import { type Store, StoreError } from "../ledger/Store.js";
import { schemaDigest, type TableDigest, tableDigests } from "./tableDigests.js";

/** How often measuring begins again because the ledger grew under it. */
const triesMax = 5;

/**
 * Not measured: the publishers' bookmarks. A publisher sends what stands on the ledger already, at its own pace, and how far it has got says
 * nothing of what somebody did to the ledger. Counted in, a dry run beside a publisher would seem to have written.
 */
export const notMeasured: readonly string[] = ["publisher"];

function measured(tables: Record<string, TableDigest>): Record<string, TableDigest> {
  return Object.fromEntries(Object.entries(tables).filter(([name]) => !notMeasured.includes(name)));
}

/** Measures all tables of the database, the ledger's own among them. Reads only. */
export async function measureSurfaces(sql: Sql, store: Store): Promise<Surfaces> {
  for (let tries = 1; ; tries++) {
    const before = await store.head();
    const tables = measured(await tableDigests(sql));
    const schema = await schemaDigest(sql);
    const after = await store.head();
    if (before.size === after.size && before.root === after.root) return { ...after, tables, schema };
    if (tries === triesMax) {
      throw new StoreError(
        "LOCKED",
        `the ledger grew under each of ${tries} measurements; it is at ${after.size} events`,
        {
          next: "Try again when less is being written.",
        },
      );
    }
  }
}

/** The names of the surfaces that differ: `size`, `root`, `schema`, `tables.<name>`; in that order, tables by name. */
export function differingSurfaces(before: Surfaces, after: Surfaces): string[] {
  const names = [...new Set([...Object.keys(before.tables), ...Object.keys(after.tables)])].sort();
  const differs = (["size", "root", "schema"] as const).filter((name) => before[name] !== after[name]) as string[];
  for (const name of names) {
    const [a, b] = [before.tables[name], after.tables[name]];
    if (a?.digest !== b?.digest || a?.rows !== b?.rows) differs.push(`tables.${name}`);
  }
  return differs;
}
