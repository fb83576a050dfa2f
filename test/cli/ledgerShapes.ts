// The shapes of `--json` that are about the ledger itself: who may act, under which rules, and whether all of it is sound. Strict, as in `shapes.ts`.
import { z } from "zod";
import { digest, instant, policy, principalKind, publicKey, role, writerRef } from "../../src/events/fields.js";

const count = z.int().min(0);
const text = z.string();
const keyid = publicKey.shape.keyid;

export const principals = z.strictObject({
  principals: z.array(
    z.strictObject({
      principal: text,
      kind: principalKind,
      name: text,
      roles: z.array(role),
      responsible: text,
      registeredBy: text,
      registeredAt: instant,
      revoked: z.boolean(),
      revokedBy: text.nullable(),
      revokedAt: instant.nullable(),
      reason: text.nullable(),
      keys: z.array(z.strictObject({ keyid, public: text, sinceAt: instant, untilAt: instant.nullable() })),
      position: count,
    }),
  ),
});

export const writers = z.strictObject({
  writers: z.array(
    z.strictObject({
      ...writerRef.shape,
      status: z.enum(["in force", "older", "retired", "not ratified"]),
      here: z.boolean(),
      ratifiedBy: text.nullable(),
      ratifiedAt: instant.nullable(),
      reason: text.nullable(),
    }),
  ),
});

export const policies = z.strictObject({
  policy: policy.nullable(),
  digest: digest.nullable(),
  policies: z.array(z.strictObject({ digest, policy, adoptedBy: text, adoptedAt: instant, position: count })),
});

const tableDigest = z.strictObject({ rows: count, digest });
export const rebuilt = z.strictObject({
  size: count,
  tables: z.record(z.string(), tableDigest),
  differences: z.array(z.strictObject({ table: text, live: tableDigest.nullable(), shadow: tableDigest })),
  swapped: z.boolean(),
  objects: z.array(text),
});

export const copied = z.strictObject({
  size: count,
  root: digest,
  before: count,
  since: count,
  contents: z.strictObject({
    present: count,
    erased: count,
    left: count,
    missing: count,
    damaged: count,
    findings: z.array(
      z.strictObject({ position: count, content: digest, what: z.enum(["missing", "damaged", "left"]) }),
    ),
  }),
  warning: text,
  next: text,
});

const verdict = z.enum(["PASS", "FAIL", "NOT_RUN"]);
export const replay = z.strictObject({
  size: count,
  root: digest,
  verdict,
  checks: z.array(
    z.strictObject({
      name: text,
      verdict,
      assertions: count,
      findings: z.array(
        z.strictObject({
          position: count.nullable(),
          stream: text.nullable(),
          field: text.nullable(),
          rule: text,
          message: text,
        }),
      ),
      more: count,
      note: text.nullable(),
    }),
  ),
});
