/** The field types that events and commands share. A field's rule stands here once. */
import { z } from "zod";

/** SHA-256 in lower-case hex. */
export const digest = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 digest: 64 lower-case hex digits");

/** UUID in lower-case hex with hyphens (RFC 9562). */
export const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "must be a lower-case UUID");

/** An instant in UTC with milliseconds (RFC 3339), sortable as text. */
export const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "must be like 2026-01-05T09:30:00.000Z")
  .refine((text) => isReal(text), "must be a real date");

/** The last instant that can be written with four digits for the year, in milliseconds. */
export const lastInstantMs = Date.parse("9999-12-31T23:59:59.999Z");

/** `Date.parse` alone takes 30 February for 2 March, and hour 24 for the next day: such texts would sort wrongly. */
function isReal(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString() === text;
}

/** How far two honest clocks may stand apart, in milliseconds: NTP keeps machines within a second; five minutes is a clock nobody looks after. */
export const clockSkewMsMax = 5 * 60_000;

/** A principal's name on the ledger. */
export const principalId = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,62}$/, "must be lower-case letters, digits, '.', '_' or '-', at most 63");

/** A free text by a person: a reason, a title. It stays on the ledger for ever, so it is short. */
export const text = z
  .string()
  .min(1)
  .max(2000)
  .refine((value) => value.trim() !== "" && value.isWellFormed(), "must hold a text");

/** Bytes [start, end) of the content. */
export const span = z.strictObject({ start: z.int().min(0), end: z.int().min(0) });

export const count = z.int().min(0);

export const principalKind = z.enum(["human", "agent", "service"]);
export type PrincipalKind = z.infer<typeof principalKind>;

/** The kind in a sentence: "a human", "an agent". */
export function aPrincipal(kind: PrincipalKind): string {
  return kind === "agent" ? "an agent" : `a ${kind}`;
}

export const role = z.enum([
  "sovereign",
  "admin",
  "editor",
  "orchestrator",
  "executor",
  "writer",
  "verifier",
  "reviewer",
  "operator",
]);
export type Role = z.infer<typeof role>;

/** The name of a key: the first 16 hex digits of the SHA-256 of its raw bytes. */
export const keyid = z.string().regex(/^[0-9a-f]{16}$/, "must be 16 lower-case hex digits");

/** An Ed25519 public key: 32 raw bytes in base64, named by the first 16 hex digits of the SHA-256 of those bytes. */
export const publicKey = z.strictObject({
  keyid,
  // The last character holds four bits of the key; the two behind them are zero, so that a key is written in one way only.
  public: z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, "must be 32 bytes in base64"),
});
export type PublicKey = z.infer<typeof publicKey>;

export const gateKind = z.enum(["SG_1", "SG_2", "SG_C"]);
export type GateKind = z.infer<typeof gateKind>;

export const writerName = z.string().regex(/^[a-z][A-Za-z]{0,62}$/, "must be letters, the first in lower case");

/** A pinned writer: its name, its version and the SHA-256 of its source file. */
export const writerRef = z.strictObject({
  name: writerName,
  version: z.int().min(1),
  source: digest,
});
export type WriterRef = z.infer<typeof writerRef>;

/** What must hold before a live cut. Each precondition another module will fill is off in the embedded default. */
export const policy = z.strictObject({
  /** How long an approval lasts, in hours. */
  gateHours: z
    .int()
    .min(1)
    .max(24 * 365),
  /** How long execution may stay armed for a run, in hours. */
  armHoursMax: z
    .int()
    .min(1)
    .max(24 * 365),
  /** The largest document that may be cut, in bytes. */
  contentSizeMax: z.int().min(1),
  /** The most findings a plan may carry to a gate. */
  findingsMax: z.int().min(0).max(1000),
  /** How old a restored-and-compared backup may be, in hours; null: not asked for. */
  backupHoursMax: z.int().min(1).nullable(),
  /** How old a clean grant audit may be, in hours; null: not asked for. */
  grantAuditHoursMax: z.int().min(1).nullable(),
});
export type Policy = z.infer<typeof policy>;

/** The policy of a new embedded ledger. */
export const embeddedPolicy: Policy = {
  gateHours: 24,
  armHoursMax: 24,
  contentSizeMax: 64 * 1024 * 1024,
  findingsMax: 1000,
  backupHoursMax: null,
  grantAuditHoursMax: null,
};
