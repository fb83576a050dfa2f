/** Reports as an audit or a proof makes them, for scenarios: clean unless told otherwise, with a verdict that follows from them. */
import { canonicalBytes, sha256Hex } from "../../src/events/canonical.js";
import { type GrantAuditReport, verdictOfGrantAudit } from "../../src/events/grantAudit.js";
import { type ProofReport, type ProvenSurfaces, verdictOfProof } from "../../src/events/proof.js";
import { content, ledgerId, run, type Text } from "./cast.js";

/** A report as stored, and as a command names it. */
export interface StoredReport {
  readonly stored: Text;
  readonly named: { readonly report: string; readonly reportContent: string };
}

export function storedReport(report: unknown, salt = 11): StoredReport {
  const bytes = report instanceof Uint8Array ? report : canonicalBytes(report);
  const stored = content(bytes, salt);
  return { stored, named: { report: sha256Hex(bytes), reportContent: stored.commitment } };
}

/** A clean audit of a small Postgres database. */
export function auditReport(at: string, changed: Partial<GrantAuditReport> = {}): GrantAuditReport {
  const report = {
    schema: 1 as const,
    kind: "grant audit" as const,
    ledger: ledgerId,
    head: { size: 40, root: "ab".repeat(32) },
    at,
    engine: "postgres" as const,
    server: { version: 150_018, name: "PostgreSQL 15.18", database: "room", system: "7000000000000000001" },
    login: { name: "keeper", superuser: true, plays: "SET SESSION AUTHORIZATION" },
    owner: "keeper",
    members: ["olga: iu_orchestrator"],
    matrix: [
      { role: "iu_reader", kind: "table", object: "iu.event", expected: ["SELECT"], effective: ["SELECT"] },
      { role: "PUBLIC", kind: "table", object: "iu.event", expected: [], effective: [] },
    ],
    differences: [],
    probes: [
      {
        role: "iu_reader",
        act: "DELETE FROM iu.event",
        kind: "forbidden" as const,
        outcome: "PASS" as const,
        state: "42501",
        why: null,
      },
      {
        role: "iu_reader",
        act: "SELECT FROM iu.event",
        kind: "needed" as const,
        outcome: "PASS" as const,
        state: null,
        why: null,
      },
    ],
    controls: [{ weakness: "PUBLIC may update iu.event", outcome: "NOTICED" as const, why: null }],
    moved: false,
    notes: [],
    ...changed,
  };
  return { ...report, verdict: changed.verdict ?? verdictOfGrantAudit(report) };
}

export const someSurfaces: ProvenSurfaces = {
  size: 40,
  root: "ab".repeat(32),
  tables: { unit: { rows: 3, digest: "cd".repeat(32) } },
  counts: { units: 3, unitVersions: 3, lifecycleEntries: 6 },
  schema: "ef".repeat(32),
  grants: "12".repeat(32),
  sequences: {},
  locks: [],
};

/** A proof that nothing was written. */
export function provenReport(at: string, changed: Partial<ProofReport> = {}): ProofReport {
  const report = {
    schema: 1 as const,
    kind: "non-mutation" as const,
    ledger: ledgerId,
    run,
    operation: "plan" as const,
    at,
    engine: "sqlite" as const,
    session: { role: null, readOnly: true, by: "a connection that may only read" },
    outcome: { facts: 1, digest: "34".repeat(32) },
    before: someSurfaces,
    after: someSurfaces,
    differs: [],
    control: {
      mutation: "a row of unit changed in a copy",
      expected: ["tables.unit"],
      differs: ["tables.unit"],
      detected: true,
    },
    ...changed,
  };
  return { ...report, verdict: changed.verdict ?? verdictOfProof(report) };
}
