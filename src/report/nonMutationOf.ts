/**
 * The non-mutation attestation: for each operation what was measured before and after, and what follows from it. The verdict is worked out
 * here again from what the events say; where they say better of themselves than that, it is FAIL.
 */
import type { FactData } from "../events/facts.js";
import type { ProvenOperation } from "../events/proof.js";
import { eventsOf, type LedgerRead } from "./readLedger.js";
import type { NonMutationProof } from "./Statement.js";

/** Proofs in the order a run comes to them: that of the dry run is part of it, the others are recorded by themselves. */
export function nonMutationOf(read: LedgerRead, dryRunMandatory: boolean): NonMutationProof[] {
  const proofs = eventsOf(read, "ProofRecorded").filter(({ event }) => event.data.run === read.past.run.run);
  const recorded = (operation: ProvenOperation) => {
    const newest = proofs.findLast(({ event }) => event.data.operation === operation);
    return newest === undefined
      ? none(operation, `no proof is recorded`, false)
      : ofProof(newest.position, newest.event.data);
  };
  const dryRuns = eventsOf(read, "DryRunRecorded");
  const newest = dryRuns.at(-1);
  const again = recorded("dry-run");
  return [
    recorded("plan"),
    newest === undefined
      ? none("dry-run", "there was no dry run", dryRunMandatory)
      : ofDryRun(newest.position, newest.event.time, newest.event.data.nonMutation, dryRunMandatory),
    ...(again.position === null ? [] : [again]),
    recorded("verify"),
    recorded("compensation-plan"),
  ];
}

function none(operation: ProvenOperation, why: string, mandatory: boolean): NonMutationProof {
  return {
    operation,
    mandatory,
    verdict: "NOT_RUN",
    why,
    position: null,
    at: null,
    engine: null,
    report: null,
    before: null,
    after: null,
    differs: [],
    tables: null,
    control: null,
  };
}

function ofProof(position: number, data: FactData<"ProofRecorded">): NonMutationProof {
  const { operation, at, engine, report, before, after, differs, control, verdict: said } = data;
  const same = before.size === after.size && before.root === after.root;
  const counts =
    before.units === after.units &&
    before.unitVersions === after.unitVersions &&
    before.lifecycleEntries === after.lifecycleEntries;
  const judged = judge(said, { control, same, differs: differs.length > 0 || !counts });
  return {
    operation,
    mandatory: false,
    ...judged,
    position,
    at,
    engine,
    report,
    before,
    after,
    differs,
    tables: null,
    control,
  };
}

function ofDryRun(
  position: number,
  at: string,
  { verdict: said, before, after, differs, control }: FactData<"DryRunRecorded">["nonMutation"],
  mandatory: boolean,
): NonMutationProof {
  const names = Object.keys(before.tables);
  const differing = [...new Set([...names, ...Object.keys(after.tables)])].filter(
    (name) =>
      before.tables[name]?.digest !== after.tables[name]?.digest ||
      before.tables[name]?.rows !== after.tables[name]?.rows,
  );
  const rows = (of: typeof before, name: string) => of.tables[name]?.rows ?? null;
  const measured = (of: typeof before) => ({
    size: of.size,
    root: of.root,
    units: rows(of, "unit"),
    unitVersions: rows(of, "unit_version"),
    lifecycleEntries: rows(of, "lifecycle"),
  });
  const judged = judge(said, {
    control: control.detected && control.differs.length > 0,
    same: before.size === after.size && before.root === after.root,
    differs: differs.length > 0 || differing.length > 0 || before.schema !== after.schema,
  });
  const blind = names.length === 0 && judged.verdict === "PASS";
  return {
    operation: "dry-run",
    mandatory,
    ...(blind ? { verdict: "INCONCLUSIVE" as const, why: "no table was compared, only size and root" } : judged),
    position,
    at,
    engine: null,
    report: null,
    before: measured(before),
    after: measured(after),
    differs,
    tables: names.length,
    control: control.detected,
  };
}

/** What follows from the measurements, or worse where the record itself says so. */
function judge(
  said: "PASS" | "FAIL" | "INCONCLUSIVE",
  { control, same, differs }: { control: boolean; same: boolean; differs: boolean },
): Pick<NonMutationProof, "verdict" | "why"> {
  if (!control) return { verdict: "FAIL", why: "a change made on purpose was not noticed: the comparison is blind" };
  if (!same && said === "PASS") return { verdict: "FAIL", why: "it is said to have passed, and the log had grown" };
  if (differs && said === "PASS") return { verdict: "FAIL", why: "it is said to have passed, and something differs" };
  if (said === "FAIL") return { verdict: "FAIL", why: "something differs" };
  if (said === "INCONCLUSIVE")
    return {
      verdict: "INCONCLUSIVE",
      why: same ? "nothing kept the operation from writing" : "the log grew meanwhile",
    };
  return { verdict: "PASS", why: "before and after are equal, and a change made on purpose was noticed" };
}
