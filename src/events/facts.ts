/**
 * Every fact this ledger can hold, one schema per event type, grouped by category (the part of the stream name before the first hyphen).
 * A type is only ever added to: a new shape gets a new schema number and an upcast in `decode.ts`; the golden history
 * (`test/events/golden.ndjson`) holds one stored example of each for ever.
 */
import { z } from "zod";
import { deadLetterFacts } from "./deadLetterFacts.js";
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
  span,
  text,
  uuid,
  writerRef,
} from "./fields.js";
import { grantAuditCounts, grantAuditVerdict } from "./grantAudit.js";
import { logFacts } from "./logFacts.js";
import { proofVerdict, provenOperation, unitCounts } from "./proof.js";

const run = uuid;
const document = uuid;

/** Stream `ledger-<id>`: the ledger itself. Its first event is the first of the log. */
const ledger = {
  LedgerOpened: z.strictObject({ ledger: z.string(), format: z.literal(1), origin: z.string() }),
};

/** Stream `principal-<id>`: who may act. Stream `key-<keyid>`: whose key that is, so that no two principals ever share one. */
const principal = {
  PrincipalRegistered: z.strictObject({
    principal: principalId,
    kind: principalKind,
    name: text,
    roles: z.array(role),
    /** The human who answers for it; a human answers for themselves. */
    responsible: principalId,
    key: publicKey,
  }),
  KeyRotated: z.strictObject({ principal: principalId, key: publicKey, retires: z.array(z.string()) }),
  PrincipalRevoked: z.strictObject({ principal: principalId, reason: text }),
  KeyBound: z.strictObject({ keyid: z.string(), principal: principalId }),
};

/** Stream `policy-ledger`. */
const policies = {
  PolicyAdopted: z.strictObject({ policy, digest }),
};

/** Stream `writer-<name>`. */
const writer = {
  WriterRatified: writerRef,
  WriterRetired: z.strictObject({ name: z.string(), version: z.int(), source: digest, reason: text }),
};

/** Stream `execution-switch`: nothing armed unless the newest word for a run says so and has not expired. */
const execution = {
  ExecutionArmed: z.strictObject({ run, until: instant, reason: text }),
  /** `run` null: everything. */
  ExecutionDisarmed: z.strictObject({ run: run.nullable(), reason: text }),
};

/** Stream `backup-ledger`: whom backups are encrypted to, and those that were restored and compared. */
const backups = {
  BackupRecipientsPinned: z.strictObject({
    /** In order of the recipients. `holder`: the human who keeps the identity, never an executor. */
    recipients: z.array(z.strictObject({ recipient: z.string(), holder: principalId })),
  }),
  BackupRecorded: z.strictObject({
    /** SHA-256 of the encrypted file, and its bytes. */
    file: digest,
    length: z.int().min(1),
    /** The head that was restored. */
    size: z.int().min(1),
    root: digest,
    contents: count,
    /** Contents that were not there to be backed up: erased, or lost. */
    absent: count,
    /** SHA-256 over the digests of the read models built from what was restored. */
    projections: digest,
    recipients: z.array(z.string()),
  }),
};

/** Stream `document-<uuid>`: revisions, the one run that may be open, what is in force. */
const documents = {
  DocumentRegistered: z.strictObject({
    document,
    title: text,
    source: text.nullable(),
    content: digest,
    length: count,
  }),
  DocumentRevised: z.strictObject({ document, revision: z.int().min(1), content: digest, length: count }),
  DocumentClaimed: z.strictObject({ document, run, revision: count }),
  DocumentReleased: z.strictObject({ document, run, outcome: z.enum(["enacted", "abandoned", "reverted"]) }),
  VersionEnacted: z.strictObject({ document, run, revision: count, supersedes: run.nullable() }),
  /** The run's units are out of force; `restores` is the run whose units are in force again, if any. */
  VersionReverted: z.strictObject({ document, run, restores: run.nullable() }),
};

const finding = z.strictObject({ id: z.string(), rule: z.string(), address: z.string().nullable() });

export const transitionClass = z.enum([
  "unchanged",
  "layout",
  "relabel",
  "move",
  "amend",
  "split",
  "merge",
  "insert",
  "repeal",
]);

/** What a gate's approval covers. The digest of this object is its subject: a ruling names it and counts for nothing else. */
const binds = z.record(z.string(), z.union([z.string(), z.int(), z.null(), z.array(z.string())]));

const reason = z.strictObject({
  code: z.string(),
  verdict: z.enum(["safe", "unsafe", "ruling"]),
  message: z.string(),
});

/** What a non-mutation proof saw of the database at one moment. */
export const surfaces = z.strictObject({
  size: count,
  root: digest,
  /** Table name → rows and SHA-256 of its rows in key order. */
  tables: z.record(z.string(), z.strictObject({ rows: count, digest })),
  /** SHA-256 of the schema: tables, indexes, triggers, views. */
  schema: digest,
});
export type Surfaces = z.infer<typeof surfaces>;

/** Equal before and after, and the same comparison must have noticed a change made on purpose in a scratch copy. */
export const nonMutation = z.strictObject({
  verdict: z.enum(["PASS", "FAIL", "INCONCLUSIVE"]),
  before: surfaces,
  after: surfaces,
  differs: z.array(z.string()),
  control: z.strictObject({ mutation: z.string(), detected: z.boolean(), differs: z.array(z.string()) }),
});
export type NonMutation = z.infer<typeof nonMutation>;

const ruleCheck = z.strictObject({ rule: z.string(), assertions: count, failures: count });

/** What a writer wrote, which writer it was, and the two digests: of this record, and rolling over the writer's records of the run. */
const written = z.strictObject({
  run,
  /** The human who answers for the actor, and the key it signed with: Verify must come from others than leg B. */
  by: z.strictObject({ responsible: principalId, keyid: z.string() }),
  writer: writerRef,
  record: z.record(z.string(), z.unknown()),
  recordDigest: digest,
  writerDigest: digest,
});

const hold = {
  /** A stable code of what stopped the run. */
  check: z.string(),
  reason: text,
  expected: z.string(),
  actual: z.string(),
  /** The human who answers for whoever caused it: another must release it. */
  causedBy: principalId,
};

/** Stream `run-<uuid>`: one attempt to cut one document. */
const runs = {
  RunOpened: z.strictObject({ run, document, revision: count, content: digest, mode: z.enum(["live", "rehearsal"]) }),
  TargetAssessed: z.strictObject({ run, verdict: z.enum(["safe", "unsafe", "ruling"]), reasons: z.array(reason) }),
  CutPlanned: z.strictObject({
    run,
    /** SHA-256 of the canonical plan: the same bytes, cutter and profile give the same on any machine. */
    plan: digest,
    /** Commitment of the plan's bytes in the content store. */
    planContent: digest,
    cutter: z.string(),
    grammar: z.string(),
    profile: z.string(),
    units: count,
    findings: z.strictObject({ total: count, blocking: z.array(finding) }),
    /** The run in force when this was planned; its units are what the transition starts from. */
    base: run.nullable(),
    transition: z.strictObject({ digest, open: count, classes: z.record(z.string(), count) }),
    policy: digest,
  }),
  DryRunRecorded: z.strictObject({
    run,
    verdict: z.enum(["PASS", "FAIL", "INCONCLUSIVE"]),
    units: count,
    /** The Merkle root of the units as the cut will write them. */
    draftRoot: digest,
    rules: z.array(ruleCheck),
    compensationPlan: digest,
    nonMutation,
  }),
  GateRequested: z.strictObject({
    run,
    gate: z.string(),
    kind: gateKind,
    binds,
    subject: digest,
    requestedBy: principalId,
    responsible: principalId,
  }),
  GateRuled: z.strictObject({
    run,
    gate: z.string(),
    kind: gateKind,
    outcome: z.enum(["approved", "rejected"]),
    subject: digest,
    acknowledged: z.array(z.string()),
    reason: text,
    expires: instant,
    ruledBy: principalId,
  }),
  CutStarted: z.strictObject({ run, gate: z.string(), plan: digest, armedUntil: instant }),
  UnitCut: z.strictObject({
    run,
    document,
    index: count,
    unit: uuid,
    address: z.string(),
    kind: z.string(),
    label: z.string().nullable(),
    parent: z.string().nullable(),
    span,
    /** Salted commitments (`commitment.ts`): equal text cannot be recognised without the salt. */
    raw: digest,
    norm: digest,
    transition: z.strictObject({ class: transitionClass, from: z.array(uuid), open: z.boolean() }),
  }),
  /** A unit in force that the new revision no longer has, as far as the cutter can tell. */
  RepealProposed: z.strictObject({ run, unit: uuid, address: z.string(), open: z.boolean() }),
  CutExecuted: z.strictObject({ run, units: count, repeals: count, open: count, draftRoot: digest }),
  TransitionResolved: z.strictObject({
    run,
    rows: z.array(
      z.strictObject({
        /** The row: the address of a cut unit, or the unit id of a proposed repeal. */
        row: z.string(),
        class: transitionClass,
        unit: uuid,
        from: z.array(uuid),
      }),
    ),
    reason: text,
  }),
  LegBRecorded: written,
  VerifyRecorded: written.extend({ verdict: z.enum(["PASS", "FAIL"]), assertions: count }),
  RunReviewed: z.strictObject({ run, note: text }),
  RunEnacted: z.strictObject({ run, gate: z.string(), units: count }),
  RunHeld: z.strictObject({ run, ...hold }),
  HoldReleased: z.strictObject({ run, reason: text }),
  RunAbandoned: z.strictObject({ run, reason: text }),
  CompensationPlanned: z.strictObject({
    run,
    plan: digest,
    actions: count,
    reason: text,
    restores: run.nullable(),
    /** Runs whose versions were enacted on top of this one's, oldest first: they must be compensated before it. */
    dependents: z.array(run),
    before: z.record(z.string(), count),
    after: z.record(z.string(), count),
  }),
  CompensationStarted: z.strictObject({ run, plan: digest, gate: z.string().nullable() }),
  UnitReverted: z.strictObject({
    run,
    index: count,
    unit: uuid,
    address: z.string(),
    from: z.enum(["draft", "reviewed", "enacted"]),
  }),
  CompensationExecuted: z.strictObject({ run, reverted: count, restores: run.nullable() }),
  CompensationBRecorded: written,
  CompensationVerified: written.extend({ verdict: z.enum(["PASS", "FAIL"]), assertions: count }),
};

/** Stream `audit-grants`: audits of the rights in the database the ledger lives in. */
const audits = {
  GrantAuditRecorded: z.strictObject({
    /** SHA-256 of the canonical report, and the commitment it is stored under. */
    report: digest,
    reportContent: digest,
    /** When the audit was made, by the clock of whoever made it: its age counts from here. */
    at: instant,
    verdict: grantAuditVerdict,
    engine: z.enum(["postgres", "sqlite"]),
    serverVersion: count.nullable(),
    database: z.string().nullable(),
    owner: z.string().nullable(),
    counts: grantAuditCounts,
  }),
};

const measured = unitCounts.extend({ size: count, root: digest });

/** Stream `proof-<run uuid>`: proofs that an operation of the run wrote nothing. */
const proofs = {
  ProofRecorded: z.strictObject({
    run,
    operation: provenOperation,
    verdict: proofVerdict,
    /** SHA-256 of the canonical report, and the commitment it is stored under. */
    report: digest,
    reportContent: digest,
    at: instant,
    engine: z.enum(["postgres", "sqlite"]),
    before: measured,
    after: measured,
    differs: z.array(z.string()),
    /** Whether the same comparison noticed what was changed on purpose in a scratch copy. */
    control: z.boolean(),
  }),
};

/**
 * Stream `redaction-<uuid>`: the erasing of texts, asked for, ruled on, done. Stream `content-<commitment>`: that a text was erased, and
 * under which redaction; one event for ever.
 */
const redactions = {
  RedactionRequested: z.strictObject({
    redaction: uuid,
    /** The commitments of what is to be erased, sorted. */
    contents: z.array(digest),
    reason: text,
    /** The digest of all of the above: what a ruling names. */
    subject: digest,
    requestedBy: principalId,
    responsible: principalId,
  }),
  RedactionRuled: z.strictObject({
    redaction: uuid,
    outcome: z.enum(["approved", "rejected"]),
    subject: digest,
    reason: text,
    expires: instant,
    ruledBy: principalId,
  }),
  ContentRedacted: z.strictObject({ redaction: uuid, content: digest }),
  RedactionExecuted: z.strictObject({ redaction: uuid, contents: count }),
};

/** Stream `refusal-<command id>`: an attempt that was refused. */
const refusal = {
  CommandRefused: z.strictObject({
    type: z.string(),
    code: z.string(),
    message: z.string(),
    numbers: z.record(z.string(), z.union([z.string(), z.int(), z.boolean(), z.null()])),
    next: z.string(),
  }),
};

/** Stream `answer-<command id>`: a command that was right and changed nothing. Its id is used up, so that it cannot be sent again later. */
const answer = {
  CommandAnswered: z.strictObject({ type: z.string() }),
};

/** Event type → schema of its data. */
export const facts = {
  ...ledger,
  ...principal,
  ...policies,
  ...logFacts,
  ...writer,
  ...execution,
  ...backups,
  ...documents,
  ...runs,
  ...audits,
  ...proofs,
  ...redactions,
  ...refusal,
  ...answer,
  ...deadLetterFacts,
} as const;

export type FactType = keyof typeof facts;

/** The data of an event type. */
export type FactData<T extends FactType> = z.infer<(typeof facts)[T]>;

/** A fact: what happened, without where and when. */
export type Fact = { [T in FactType]: { readonly type: T; readonly data: FactData<T> } }[FactType];
