/**
 * The report of a proof that an operation wrote nothing: its shape, what differs between two measurements, and the verdict that follows.
 * Whoever makes one and whoever takes one work both out here, so that no report can say PASS over a difference. Stored as canonical
 * JSON, as content.
 */
import { z } from "zod";
import { count, digest, instant, uuid } from "./fields.js";

/** What may be proven to write nothing. */
export const provenOperation = z.enum(["plan", "dry-run", "verify", "compensation-plan"]);
export type ProvenOperation = z.infer<typeof provenOperation>;

/** Rows of the read models; null where there are no read models. Equal counts alone prove nothing. */
export const unitCounts = z.strictObject({
  units: count.nullable(),
  unitVersions: count.nullable(),
  lifecycleEntries: count.nullable(),
});
export type UnitCounts = z.infer<typeof unitCounts>;

/** Everything of a database that a mutation could show in, at one moment. */
export const provenSurfaces = z.strictObject({
  size: count,
  root: digest,
  /** Table → rows and SHA-256 of its rows in key order. */
  tables: z.record(z.string(), z.strictObject({ rows: count, digest })),
  counts: unitCounts,
  /** SHA-256 of the objects as the database keeps them, without who may use them. */
  schema: digest,
  /** SHA-256 of owners and privileges; of nothing, where the database has none. */
  grants: digest,
  /** Sequence → where it stands. */
  sequences: z.record(z.string(), z.string()),
  /** Advisory locks held in this database, by whichever session. */
  locks: z.array(z.string()),
});
export type ProvenSurfaces = z.infer<typeof provenSurfaces>;

export const proofVerdict = z.enum(["PASS", "FAIL", "INCONCLUSIVE"]);
export type ProofVerdict = z.infer<typeof proofVerdict>;

export const proofReport = z.strictObject({
  schema: z.literal(1),
  kind: z.literal("non-mutation"),
  ledger: z.string(),
  run: uuid,
  operation: provenOperation,
  at: instant,
  engine: z.enum(["postgres", "sqlite"]),
  /** How the operation ran: as which role of the database (null where there are none), and what kept it from writing. */
  session: z.strictObject({ role: z.string().nullable(), readOnly: z.boolean(), by: z.string() }),
  /** What the operation came to, which nobody recorded: how many facts, and the SHA-256 of their canonical bytes. */
  outcome: z.strictObject({ facts: count, digest }),
  before: provenSurfaces,
  after: provenSurfaces,
  /** As {@link differingSurfaces} names them. */
  differs: z.array(z.string()),
  /** The negative control: what was changed on purpose in a scratch copy, which surfaces had to be named for it, and which were. */
  control: z.strictObject({
    mutation: z.string(),
    expected: z.array(z.string()),
    differs: z.array(z.string()),
    detected: z.boolean(),
  }),
  verdict: proofVerdict,
});
export type ProofReport = z.infer<typeof proofReport>;

/** The names of the surfaces that differ: `size`, `root`, `schema`, `grants`, `locks`, `tables.<name>`, `counts.<name>`, `sequences.<name>`. */
export function differingProven(before: ProvenSurfaces, after: ProvenSurfaces): string[] {
  const differs = (["size", "root", "schema", "grants"] as const).filter(
    (name) => before[name] !== after[name],
  ) as string[];
  if (before.locks.join("\n") !== after.locks.join("\n")) differs.push("locks");
  const members = <T>(group: string, a: Readonly<Record<string, T>>, b: Readonly<Record<string, T>>) => {
    for (const name of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
      if (JSON.stringify(a[name]) !== JSON.stringify(b[name])) differs.push(`${group}.${name}`);
    }
  };
  const flat = ({ tables }: ProvenSurfaces) =>
    Object.fromEntries(Object.entries(tables).map(([name, { rows, digest: of }]) => [name, `${rows} ${of}`]));
  members("tables", flat(before), flat(after));
  members("counts", before.counts, after.counts);
  members("sequences", before.sequences, after.sequences);
  return differs;
}

/**
 * FAIL: the control was not noticed in full, so the comparison is blind; or something differs. INCONCLUSIVE: the log grew meanwhile, so a
 * difference may be its; or nothing kept the operation from writing.
 */
export function verdictOfProof(report: Omit<ProofReport, "verdict">): ProofVerdict {
  const { before, after, control, session } = report;
  const noticed =
    control.detected && control.expected.length > 0 && control.expected.every((name) => control.differs.includes(name));
  if (!noticed) return "FAIL";
  if (before.size !== after.size || before.root !== after.root) return "INCONCLUSIVE";
  if (differingProven(before, after).length > 0) return "FAIL";
  return session.readOnly ? "PASS" : "INCONCLUSIVE";
}
