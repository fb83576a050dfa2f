/** The documents of a source that the ledger has already, and which of them were seen again. Reads the read models once. */
import { type DocumentOrigin, listOrigins } from "../../../projections/document/queries.js";
import type { Sql } from "../../database/Sql.js";
import type { DocumentSource } from "../../discover/Found.js";

export interface Known {
  /** The documents registered from a source's key: none, one, or (by hand) several. Notes that they were seen. */
  find(key: string): readonly DocumentOrigin[];
  /** Those of this source that were not seen. */
  unseen(): DocumentOrigin[];
}

export async function knownOf(sql: Sql, source: DocumentSource): Promise<Known> {
  const known = new Map<string, DocumentOrigin[]>();
  for (const origin of await listOrigins(sql)) {
    if (!source.owns(origin.source)) continue;
    const key = source.same(origin.source);
    const others = known.get(key);
    if (others === undefined) known.set(key, [origin]);
    else others.push(origin);
  }
  const seen = new Set<string>();
  return {
    find(key) {
      const same = source.same(key);
      const found = known.get(same) ?? [];
      if (found.length > 0) seen.add(same);
      return found;
    },
    unseen: () => [...known].flatMap(([key, origins]) => (seen.has(key) ? [] : origins)),
  };
}
