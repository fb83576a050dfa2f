/**
 * Proving that an operation of a run writes nothing: every surface is measured, the operation is worked out through connections that cannot write,
 * every surface is measured again, and the same comparison is shown to notice a change in each. The report says what was seen; its verdict
 * follows from it.
 */
import type { Sql } from "../database/Sql.js";
import { digestOf } from "../events/canonical.js";
import { differingProven, type ProofReport, type ProvenOperation, verdictOfProof } from "../events/proof.js";
import type { Refused } from "../ledger/Decision.js";
import type { Store } from "../ledger/Store.js";
import { controlProven } from "./controlProven.js";
import { measureProven } from "./measureProven.js";
import { type Actor, operate } from "./operations.js";

/** The role that a proof reads as. */
export const readingRole = "iu_reader";

export interface Proving {
  readonly ledger: string;
  /** The ledger, opened a second time, for reading only (on Postgres as `readingRole`). */
  readonly reading: Store & { readonly sql: Sql };
  /** The ledger's own database, for the scratch copy of the control. */
  readonly scratch: Sql;
  readonly now: () => string;
  readonly actor: Actor;
}

export type Proved =
  | { readonly kind: "proven"; readonly report: ProofReport }
  /** The operation would be refused: there was nothing to prove. */
  | Refused;

/**
 * Proves it. Bring the projections up to date first: a follower that catches up meanwhile is a change like any other. Throws where a
 * surface cannot be measured: a proof with a blind spot is none.
 */
export async function proveOperation(operation: ProvenOperation, run: string, proving: Proving): Promise<Proved> {
  const { ledger, reading, scratch, now, actor } = proving;
  const session = await sessionOf(reading.sql);
  const before = await measureProven(reading.sql, reading);
  const decision = await operate(operation, run, { store: reading, now: now(), actor });
  if (decision.kind === "refused") return decision;
  const after = await measureProven(reading.sql, reading);
  const control = await controlProven(scratch, { size: after.size, root: after.root });
  const { facts } = decision;
  const report = {
    schema: 1 as const,
    kind: "non-mutation" as const,
    ledger,
    run,
    operation,
    at: now(),
    engine: reading.sql.dialect,
    session,
    outcome: { facts: facts.length, digest: digestOf(facts) },
    before,
    after,
    differs: differingProven(before, after),
    control,
  };
  return { kind: "proven", report: { ...report, verdict: verdictOfProof(report) } };
}

/** As whom the operation reads, and what keeps it from writing: asked of the database itself. */
async function sessionOf(sql: Sql): Promise<ProofReport["session"]> {
  if (sql.dialect === "postgres") {
    const [row] = await sql.query<{ role: string; readonly: string }>(
      "SELECT current_user::text AS role, current_setting('transaction_read_only') AS readonly",
    );
    const readOnly = row?.readonly === "on" && row.role === readingRole;
    return { role: row?.role ?? null, readOnly, by: readOnly ? "READ ONLY transactions" : "nothing" };
  }
  const [row] = await sql.query<{ only: number }>("SELECT query_only AS only FROM pragma_query_only");
  const refuses = await sql.run("UPDATE head SET size = size WHERE false").then(
    () => false,
    () => true,
  );
  const readOnly = row?.only === 1 && refuses;
  return { role: null, readOnly, by: readOnly ? "a connection that may only read" : "nothing" };
}
