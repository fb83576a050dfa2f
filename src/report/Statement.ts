/**
 * The statement of a report: what is signed, and what every document of the package is rendered from. An in-toto Statement v1 as canonical
 * JSON; the predicate is ours. It says what the ledger's events show as of one size, and holds no word of the governed text.
 *
 * Example: {"_type":"https://in-toto.io/Statement/v1","predicate":{…},"predicateType":"https://iu-ledger.example/run-report/v1",
 *  "subject":[{"digest":{"rfc6962Sha256":"5f…"},"name":"ledger.example/acme#112"},{"digest":{"sha256":"8c…"},"name":"run-7d…"}]}
 *
 * Future: another shape of the predicate gets another predicateType; this one stays readable.
 */
import { z } from "zod";
import { transitionClass } from "../events/facts.js";
import {
  count,
  digest,
  gateKind,
  instant,
  policy,
  principalId,
  principalKind,
  publicKey,
  role,
  uuid,
  writerRef,
} from "../events/fields.js";
import { grantAuditCounts, grantAuditVerdict } from "../events/grantAudit.js";
import { provenOperation, unitCounts } from "../events/proof.js";

export const statementType = "https://in-toto.io/Statement/v1";
export const predicateType = "https://iu-ledger.example/run-report/v1";
/** What the DSSE envelope says its payload is (in-toto attestation framework). */
export const statementPayloadType = "application/vnd.in-toto+json";

/** HOLD: stopped until a human releases it. INCONCLUSIVE: looked at, and no answer. NOT_RUN: nothing was looked at, which is never a pass. */
export const verdict = z.enum(["PASS", "FAIL", "HOLD", "NOT_RUN", "INCONCLUSIVE"]);
export type Verdict = z.infer<typeof verdict>;

const position = count;

/** Events that show something: so many of a type, the first and the last of them. */
const seen = z.strictObject({ type: z.string(), from: position, to: position, count: z.int().min(1) });
export type Seen = z.infer<typeof seen>;

const numbers = z.record(z.string(), z.union([z.string(), z.int(), z.boolean(), z.null()]));

/** A gate or step of the run. What is not mandatory says nothing about the whole, unless it is FAIL. */
const step = z.strictObject({
  id: z.string(),
  title: z.string(),
  mandatory: z.boolean(),
  verdict,
  why: z.string(),
  seen: z.array(seen),
  numbers,
});
export type Step = z.infer<typeof step>;

/** What must not have happened, and the check of it that ran: `looked` acts looked at; none is NOT_RUN. */
const attestation = z.strictObject({
  id: z.string(),
  says: z.string(),
  scope: z.enum(["run", "ledger"]),
  mandatory: z.boolean(),
  verdict: z.enum(["PASS", "FAIL", "NOT_RUN"]),
  looked: count,
  /** What was counted: the singular and the plural. */
  of: z.tuple([z.string(), z.string()]),
  /** How it was looked at. */
  by: z.string(),
  violations: z.array(z.strictObject({ position: position.nullable(), what: z.string() })),
  /** Violations beyond those. */
  more: count,
  note: z.string().nullable(),
});
export type Attestation = z.infer<typeof attestation>;

const measured = unitCounts.extend({ size: count, root: digest });

/** Proof that an operation wrote nothing. Everything null where there is none. */
const nonMutation = z.strictObject({
  operation: provenOperation,
  mandatory: z.boolean(),
  verdict,
  why: z.string(),
  position: position.nullable(),
  at: instant.nullable(),
  engine: z.string().nullable(),
  report: digest.nullable(),
  before: measured.nullable(),
  after: measured.nullable(),
  differs: z.array(z.string()),
  /** Tables whose rows were compared; null where the event does not say. */
  tables: count.nullable(),
  /** Whether the negative control was noticed. */
  control: z.boolean().nullable(),
});
export type NonMutationProof = z.infer<typeof nonMutation>;

/** Who did it, where and when. */
const act = z.strictObject({ position, at: instant, by: z.string() });
export type Act = z.infer<typeof act>;

const precheck = z.strictObject({
  policy: z.strictObject({ digest: digest.nullable(), position: position.nullable(), policy }),
  writers: z.array(writerRef.extend({ position })),
  /** Those who acted on the run, and those who answer for them, as of this size. */
  people: z.array(
    z.strictObject({
      principal: z.string(),
      kind: principalKind,
      name: z.string(),
      roles: z.array(role),
      responsible: z.string(),
      revoked: z.boolean(),
    }),
  ),
  logKey: z.string().nullable(),
  incarnations: count,
  checkpoint: z
    .strictObject({ size: count, root: digest, note: digest, verdict: z.enum(["PASS", "FAIL"]), why: z.string() })
    .nullable(),
  backup: z.strictObject({ position, at: instant, file: digest, size: count, root: digest }).nullable(),
  grantAudit: z
    .strictObject({ position, at: instant, verdict: grantAuditVerdict, report: digest, counts: grantAuditCounts })
    .nullable(),
});
export type Precheck = z.infer<typeof precheck>;

const source = z.strictObject({
  document: uuid,
  title: z.string(),
  source: z.string().nullable(),
  revisions: z.array(act.extend({ revision: count, content: digest, length: count, erased: position.nullable() })),
  runs: z.array(
    z.strictObject({
      run: uuid,
      revision: count,
      position,
      outcome: z.enum(["enacted", "abandoned", "reverted"]).nullable(),
    }),
  ),
});
export type SourceSurvey = z.infer<typeof source>;

const target = act.extend({
  verdict: z.enum(["safe", "unsafe", "ruling"]),
  reasons: z.array(
    z.strictObject({ code: z.string(), verdict: z.enum(["safe", "unsafe", "ruling"]), message: z.string() }),
  ),
  assessments: z.int().min(1),
});

const plan = act.extend({
  plan: digest,
  planContent: digest,
  erased: position.nullable(),
  cutter: z.string(),
  grammar: z.string(),
  profile: z.string(),
  units: count,
  base: uuid.nullable(),
  classes: z.record(z.string(), count),
  open: count,
  findings: count,
  blocking: z.array(
    z.strictObject({
      id: z.string(),
      rule: z.string(),
      address: z.string().nullable(),
      /** The gate under which a human acknowledged it. */
      acknowledged: z.string().nullable(),
    }),
  ),
  plans: z.int().min(1),
});

const dryRun = act.extend({
  verdict: z.enum(["PASS", "FAIL", "INCONCLUSIVE"]),
  units: count,
  draftRoot: digest,
  compensationPlan: digest,
  rules: z.array(z.strictObject({ rule: z.string(), assertions: count, failures: count })),
});

const gate = act.extend({
  gate: z.string(),
  kind: gateKind,
  responsible: z.string(),
  subject: digest,
  /** Whether the subject is the digest of what it binds. */
  subjectHolds: z.boolean(),
  binds: z.array(z.tuple([z.string(), z.string()])),
  ruling: act
    .extend({
      outcome: z.enum(["approved", "rejected"]),
      kind: principalKind.nullable(),
      reason: z.string(),
      expires: instant,
      acknowledged: z.array(z.string()),
    })
    .nullable(),
  used: position.nullable(),
});
export type GateReport = z.infer<typeof gate>;

const cut = z.strictObject({
  started: position,
  executed: position.nullable(),
  units: count,
  repeals: count,
  planned: count,
  /** Rows of the transition that no human has resolved. */
  open: count,
  kinds: z.record(z.string(), count),
  classes: z.record(z.string(), count),
  draftRoot: digest.nullable(),
  /** The same root worked out again from the `UnitCut` events. */
  recomputed: digest,
  /** Units that a revision changed, and those it repealed: the first of them. Empty for a first cut. */
  changed: z.array(z.strictObject({ address: z.string(), class: transitionClass, unit: uuid })),
  more: count,
});
export type CutReport = z.infer<typeof cut>;

const record = act.extend({
  type: z.string(),
  responsible: z.string(),
  keyid: z.string(),
  /** The key that signed the command, read from its envelope; null where there is none to read. */
  signedBy: z.string().nullable(),
  writer: writerRef,
  recordDigest: digest,
  recordHolds: z.boolean(),
  writerDigest: digest,
  chainHolds: z.boolean(),
  verdict: z.enum(["PASS", "FAIL"]).nullable(),
  assertions: count.nullable(),
});
export type RecordReport = z.infer<typeof record>;

const compensation = z.strictObject({
  /** As the dry run worked it out before the cut. */
  expected: digest.nullable(),
  planned: act
    .extend({
      plan: digest,
      actions: count,
      reason: z.string(),
      restores: uuid.nullable(),
      dependents: z.array(uuid),
      before: z.record(z.string(), count),
      after: z.record(z.string(), count),
    })
    .nullable(),
  started: position.nullable(),
  executed: position.nullable(),
  reverted: count,
  units: count,
  /** Runs enacted on top of this one and in force: they go first. */
  dependents: z.array(uuid),
});

const blocker = z.strictObject({
  name: z.string(),
  status: z.enum(["CLOSED", "PARTIAL", "OPEN"]),
  closedBy: z.string(),
  code: z.string().nullable(),
  message: z.string().nullable(),
  next: z.string().nullable(),
  holdsUntil: instant.nullable(),
});

const predicate = z.strictObject({
  schema: z.literal(1),
  ledger: z.strictObject({
    id: z.string(),
    origin: z.string(),
    size: z.int().min(1),
    root: digest,
    /** The time of the newest event. */
    newest: instant,
  }),
  /** The instant at which what lapses by itself was judged. */
  asOf: instant,
  signer: z.strictObject({
    principal: principalId,
    kind: principalKind,
    responsible: z.string(),
    key: publicKey,
  }),
  run: z.strictObject({
    run: uuid,
    document: uuid,
    revision: count,
    content: digest,
    mode: z.enum(["live", "rehearsal"]),
    phase: z.string(),
    opened: act,
    events: z.int().min(1),
    hold: z
      .strictObject({
        position,
        check: z.string(),
        reason: z.string(),
        expected: z.string(),
        actual: z.string(),
        causedBy: z.string(),
      })
      .nullable(),
  }),
  verdict,
  steps: z.array(step),
  attestations: z.array(attestation),
  nonMutation: z.array(nonMutation),
  precheck,
  source,
  target: target.nullable(),
  plan: plan.nullable(),
  dryRun: dryRun.nullable(),
  gates: z.array(gate),
  cut: cut.nullable(),
  records: z.array(record),
  versions: z.strictObject({
    before: uuid.nullable(),
    now: uuid.nullable(),
    enacted: position.nullable(),
    reverted: position.nullable(),
  }),
  compensation,
  matrix: z.strictObject({ step: z.string().nullable(), blockers: z.array(blocker) }).nullable(),
  /** What is to be done next, in words; null where nothing more is to come. */
  next: z.string().nullable(),
  /** What this report did not look at, and what does. */
  beyond: z.array(z.string()),
});
export type Predicate = z.infer<typeof predicate>;

export const statement = z.strictObject({
  _type: z.literal(statementType),
  subject: z.tuple([
    z.strictObject({ name: z.string(), digest: z.strictObject({ rfc6962Sha256: digest }) }),
    z.strictObject({ name: z.string(), digest: z.strictObject({ sha256: digest }) }),
  ]),
  predicateType: z.literal(predicateType),
  predicate,
});
export type Statement = z.infer<typeof statement>;
