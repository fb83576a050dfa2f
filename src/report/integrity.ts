/**
 * That nothing was changed or deleted, backed by replay's own checks over the whole ledger: bytes, shapes, order, chain, root, signatures.
 * Those that need the governed text (every command decided again, writers run again, content compared) are replay's to say, for
 * a report must come out the same after a text was erased.
 */
import type { Store } from "../ledger/Store.js";
import type { CheckName } from "../replay/Check.js";
import { replay } from "../replay/replay.js";
import type { Attestation } from "./Statement.js";
import { lookingFor, type WatchOf } from "./Watch.js";

/** Each attestation with the checks of replay that back it. */
const backed: readonly (WatchOf & { readonly checks: readonly CheckName[] })[] = [
  {
    id: "nothing-changed",
    says: "No event was changed: each is the canonical bytes its type allows, names the one before it, and all give the root.",
    scope: "ledger",
    of: ["comparison", "comparisons"],
    by: "replay's checks canonical-bytes, schema, chain and root, over every event of the ledger",
    checks: ["canonical-bytes", "schema", "chain", "root"],
  },
  {
    id: "nothing-deleted",
    says: "No event was deleted, inserted or misfiled: positions and the revisions of every stream are dense.",
    scope: "ledger",
    of: ["comparison", "comparisons"],
    by: "replay's check positions, over every event of the ledger and every stored command",
    checks: ["positions"],
  },
  {
    id: "signed-in-force",
    says: "No event came from anybody but a principal in force, by a key in force, with the role for it.",
    scope: "ledger",
    of: ["comparison", "comparisons"],
    by: "replay's check signatures, over every event of the ledger and the signed command that wrote it",
    checks: ["signatures"],
  },
];

/** Runs the checks over a store; the attestations, in order. */
export async function attestIntegrity(store: Store): Promise<Attestation[]> {
  const report = await replay(store, { checks: backed.flatMap(({ checks }) => checks) });
  return backed.map(({ checks, ...of }) => {
    const { looking, result } = lookingFor(of);
    let more = 0;
    const notes: string[] = [];
    for (const name of checks) {
      const check = report.checks.find((one) => one.name === name);
      looking.look(check?.assertions ?? 0);
      for (const { position, rule, message } of check?.findings ?? [])
        looking.violate(position, `${name}, ${rule}: ${message}`);
      more += check?.more ?? 0;
      if (check === undefined || check.verdict === "NOT_RUN") notes.push(`${name} was not run`);
    }
    const attested = result(notes.length === 0 ? null : notes.join("; "));
    // A check that did not run takes the pass of its fellows away.
    const verdict = attested.verdict === "PASS" && notes.length > 0 ? "NOT_RUN" : attested.verdict;
    return { ...attested, mandatory: true, verdict, more: attested.more + more };
  });
}
