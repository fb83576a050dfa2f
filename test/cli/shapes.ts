// The shapes that `--json` promises, as schemas: strict, so that a field added or lost is noticed. src/cli/README.md says them in words.
// A shape may be added to, with a line here and there; a field is never renamed, nor its type changed.
import { z } from "zod";
import { digest, gateKind, instant, principalKind, publicKey, role, span, uuid } from "../../src/events/fields.js";

const count = z.int().min(0);
const text = z.string();
const commitment = digest;
const keyid = publicKey.shape.keyid;
const lifecycleState = z.enum(["draft", "reviewed", "enacted", "superseded", "reverted"]);
/** What is typed next, whole, or nothing. */
const line = text.regex(/^(iu-ledger|chmod) /).nullable();
const numbers = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

export const error = z.strictObject({
  error: z.strictObject({ code: z.string().regex(/^[A-Z][A-Z0-9_]+$/), message: text, numbers, next: line }),
});

export const event = z.strictObject({
  position: count,
  schema: z.literal(1),
  type: text,
  id: uuid,
  stream: text,
  revision: count,
  prev: digest.nullable(),
  time: instant,
  actor: text,
  command: z.strictObject({ id: uuid, digest }),
  cause: uuid.nullable(),
  data: z.record(z.string(), z.unknown()),
});

/** What every command answers that writes; `extra`: what it adds. */
export function done<T extends z.ZodRawShape>(extra: T) {
  return z.strictObject({
    outcome: z.enum(["committed", "duplicate", "nothing"]),
    signedBy: text,
    events: z.array(event),
    next: line,
    message: text.nullable(),
    ...extra,
  });
}

const finding = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  rule: text,
  address: text.nullable(),
  message: text,
  blocking: z.boolean(),
});

export const plan = z.strictObject({
  contentDigest: digest,
  length: count,
  cutter: text,
  grammar: z.enum(["markdown", "statute"]),
  profile: text,
  planDigest: digest,
  chosen: text,
  units: z.array(
    z.strictObject({
      address: text,
      kind: text,
      label: text.nullable(),
      title: text.nullable(),
      parent: text.nullable(),
      depth: count,
      span,
      raw: digest,
      norm: digest,
    }),
  ),
  findings: z.array(finding),
});

const documentRow = {
  document: uuid,
  title: text,
  source: text.nullable(),
  revision: count,
  content: commitment,
  length: count,
  openRun: uuid.nullable(),
  inForceRun: uuid.nullable(),
  registeredBy: text,
  registeredAt: instant,
  changedAt: instant,
  position: count,
};
export const documents = z.strictObject({ documents: z.array(z.strictObject(documentRow)) });
export const document = z.strictObject({
  ...documentRow,
  revisions: z.array(
    z.strictObject({
      revision: count,
      content: commitment,
      length: count,
      addedBy: text,
      addedAt: instant,
      position: count,
    }),
  ),
});
export const documentText = z.strictObject({
  document: uuid,
  revision: count,
  content: commitment,
  length: count,
  text,
});

const runRow = {
  run: uuid,
  document: uuid,
  documentTitle: text,
  revision: count,
  mode: z.enum(["live", "rehearsal"]),
  phase: text,
  held: z.boolean(),
  open: z.boolean(),
  inForce: z.boolean(),
  plannedUnits: count.nullable(),
  units: count,
  openRows: count,
  openedBy: text,
  openedAt: instant,
  changedAt: instant,
  position: count,
};
export const runs = z.strictObject({ runs: z.array(z.strictObject(runRow)) });
export const run = z.strictObject({
  ...runRow,
  content: commitment,
  hold: z.strictObject({ check: text, reason: text, expected: text, actual: text, causedBy: text }).nullable(),
  assessment: z
    .strictObject({
      verdict: z.enum(["safe", "unsafe", "ruling"]),
      reasons: z.array(z.strictObject({ code: text, verdict: z.enum(["safe", "unsafe", "ruling"]), message: text })),
    })
    .nullable(),
  plan: z
    .strictObject({
      digest,
      content: commitment,
      cutter: text,
      grammar: text,
      profile: text,
      base: uuid.nullable(),
      findings: count,
      blocking: z.array(z.strictObject({ id: text, rule: text, address: text.nullable() })),
      transition: z.strictObject({ digest, classes: z.record(z.string(), count) }),
    })
    .nullable(),
  dryRun: z
    .strictObject({
      verdict: z.enum(["PASS", "FAIL", "INCONCLUSIVE"]),
      nonMutation: z.enum(["PASS", "FAIL", "INCONCLUSIVE"]),
      draftRoot: digest,
      rules: z.array(z.strictObject({ rule: text, assertions: count, failures: count })),
    })
    .nullable(),
  repeals: count,
  draftRoot: digest.nullable(),
  records: z.strictObject({ legB: digest.nullable(), verify: digest.nullable(), compensationB: digest.nullable() }),
  writerDigests: z.record(z.string(), digest),
  compensationPlan: digest.nullable(),
  restores: uuid.nullable(),
  reverted: count,
  lifecycle: z.strictObject({ draft: count, reviewed: count, enacted: count, superseded: count, reverted: count }),
  revertPlan: z
    .strictObject({
      run: uuid,
      plan: digest,
      actions: count,
      reason: text,
      restores: uuid.nullable(),
      before: z.record(z.string(), count),
      after: z.record(z.string(), count),
      status: z.enum(["planned", "replaced", "started", "executed", "recorded", "verified", "failed"]),
      gate: text.nullable(),
      reverted: count,
      plannedBy: text,
      plannedAt: instant,
      changedAt: instant,
      position: count,
    })
    .nullable(),
  next: line,
});

export const readiness = z.strictObject({
  run: uuid,
  document: uuid,
  phase: text,
  held: z.boolean(),
  step: text.nullable(),
  blockers: z.array(
    z.strictObject({
      name: text,
      status: z.enum(["CLOSED", "PARTIAL", "OPEN"]),
      closedBy: text,
      code: text.nullable(),
      message: text.nullable(),
      next: line,
      holdsUntil: instant.nullable(),
    }),
  ),
  ready: z.boolean(),
  next: line,
});

export const gates = z.strictObject({
  gates: z.array(
    z.strictObject({
      run: uuid,
      document: uuid,
      documentTitle: text,
      gate: text,
      kind: gateKind,
      status: z.enum(["waiting", "replaced", "approved", "rejected", "expired", "used"]),
      binds: z.record(z.string(), z.union([z.string(), z.int(), z.null(), z.array(z.string())])),
      subject: digest,
      requestedBy: text,
      responsible: text,
      requestedAt: instant,
      ruling: z
        .strictObject({
          outcome: z.enum(["approved", "rejected"]),
          reason: text,
          acknowledged: z.array(text),
          ruledBy: text,
          ruledAt: instant,
          expiresAt: instant,
        })
        .nullable(),
      usedAt: instant.nullable(),
      position: count,
      findings: z.array(finding),
    }),
  ),
});

export const switchStatus = z.strictObject({
  armed: z.boolean(),
  runs: z.array(
    z.strictObject({
      run: uuid,
      status: z.enum(["armed", "expired", "disarmed"]),
      untilAt: instant,
      reason: text,
      armedBy: text,
      armedAt: instant,
      disarmedBy: text.nullable(),
      disarmedAt: instant.nullable(),
      disarmedReason: text.nullable(),
      position: count,
    }),
  ),
});

export const rows = z.strictObject({
  run: uuid,
  rows: z.array(
    z.strictObject({
      row: text,
      class: text,
      unit: uuid,
      address: text,
      from: z.array(z.strictObject({ unit: uuid, address: text.nullable() })),
    }),
  ),
});

const unitRow = {
  unit: uuid,
  document: uuid,
  address: text,
  kind: text,
  label: text.nullable(),
  title: text.nullable(),
  lifecycle: lifecycleState,
  run: uuid,
  index: count,
  firstRun: uuid,
  lastRun: uuid,
  versions: count,
};
export const units = z.strictObject({ units: z.array(z.strictObject(unitRow)) });

const transition = z.strictObject({ class: text, from: z.array(uuid), open: z.boolean() });
const unitVersion = {
  run: uuid,
  index: count,
  unit: uuid,
  document: uuid,
  revision: count,
  address: text,
  kind: text,
  label: text.nullable(),
  title: text.nullable(),
  parent: text.nullable(),
  span,
  raw: commitment,
  norm: commitment,
  transition,
  lifecycle: lifecycleState,
  position: count,
};
export const unitVersions = z.strictObject({ units: z.array(z.strictObject(unitVersion)) });
const unitText = z.strictObject({
  ...unitVersion,
  text: text.nullable(),
  textStatus: z.enum(["proven", "redacted", "missing", "damaged"]),
});
const lifecycle = z.array(
  z.strictObject({ run: uuid, index: count, state: lifecycleState, time: instant, actor: text, position: count }),
);
export const unit = z.strictObject({ ...unitRow, documentTitle: text, current: unitText, history: lifecycle });
export const unitHistory = z.strictObject({ unit: uuid, versions: z.array(unitText), lifecycle });
const side = z.strictObject({ run: uuid, revision: count, address: text, lifecycle: lifecycleState, span, transition });
export const unitDiff = z.strictObject({
  unit: uuid,
  same: z.boolean(),
  from: side,
  to: side,
  parts: z.array(z.strictObject({ kind: z.enum(["same", "removed", "added"]), text })),
});

export const initExtra = {
  ledger: uuid,
  origin: text,
  path: text,
  keys: text,
  principals: z.array(
    z.strictObject({
      principal: text,
      name: text,
      kind: principalKind,
      roles: z.array(role),
      responsible: text,
      keyid,
      keyFile: text,
    }),
  ),
  warning: text,
};

export const nonMutation = z.record(z.string(), z.unknown());
export const findings = z.array(finding);
export const outcome = z.enum(["approved", "rejected"]);
