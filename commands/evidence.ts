/**
 * Reports that come with a command as content: a grant audit, a proof. What is recorded of one follows from its own bytes, never from what
 * the command says of them, so that whoever sends it cannot say PASS where the report does not.
 */
import type { z } from "zod";
import { isCanonical, sha256Hex } from "../src/events/canonical.js";
import { clockSkewMsMax, digest } from "../src/events/fields.js";
import { type Refused, refused, type World } from "../src/ledger/Decision.js";
import { ledgerCategory, ledgerKey } from "./ledger.js";

/** How a command names a report: the SHA-256 of its canonical bytes, and the commitment they are stored under. */
export const reportRef = { report: digest, reportContent: digest };

interface ReportRef {
  readonly report: string;
  readonly reportContent: string;
}

interface Judged {
  readonly ledger: string;
  readonly at: string;
  readonly verdict: string;
}

/** The report, if it is one, of this ledger, not from the future, and if its verdict is the one that follows from it. */
export function reportOf<R extends Judged>(
  { report, reportContent }: ReportRef,
  schema: z.ZodType<R>,
  verdictOf: (report: R) => string,
  world: World,
): { readonly ok: true; readonly report: R } | { readonly ok: false; readonly refused: Refused } {
  const no = (code: string, message: string, numbers: Refused["numbers"], next: string) =>
    ({ ok: false, refused: refused(code, message, numbers, next) }) as const;
  const here = world.state(ledgerCategory, ledgerKey).ledger;
  const stored = world.content(reportContent);
  if (stored === undefined) {
    return no(
      "CONTENT_MISSING",
      "The report is not in the content store.",
      { content: reportContent },
      "Put the report's bytes into the content store, then send the command again.",
    );
  }
  const actual = sha256Hex(stored.bytes);
  if (actual !== report) {
    return no(
      "REPORT_DIGEST_WRONG",
      "The report's bytes do not have the digest the command names.",
      { named: report, actual },
      "Send the digest of the report that was stored.",
    );
  }
  const parsed = parse(stored.bytes, schema);
  if (typeof parsed === "string") {
    return no(
      "REPORT_MALFORMED",
      `The stored report is none that this program takes: ${parsed}.`,
      { report },
      "Make the report again with this program.",
    );
  }
  if (parsed.ledger !== here) {
    return no(
      "REPORT_ELSEWHERE",
      `The report is about the ledger ${parsed.ledger}; this is ${here}.`,
      { ledger: here, reported: parsed.ledger },
      "Make the report on this ledger.",
    );
  }
  if (Date.parse(parsed.at) - Date.parse(world.now) > clockSkewMsMax) {
    return no(
      "REPORT_EARLY",
      `The report says it was made at ${parsed.at}, more than ${clockSkewMsMax / 60_000} minutes after now, ${world.now}.`,
      { at: parsed.at, now: world.now, minutesMax: clockSkewMsMax / 60_000 },
      "Check the clock of the machine it was made on, then make it again.",
    );
  }
  const verdict = verdictOf(parsed);
  if (verdict !== parsed.verdict) {
    return no(
      "REPORT_VERDICT_WRONG",
      `The report says ${parsed.verdict}; what stands in it comes to ${verdict}.`,
      { says: parsed.verdict, comesTo: verdict },
      "Make the report again with this program; a verdict cannot be written by hand.",
    );
  }
  return { ok: true, report: parsed };
}

/** What the bytes say, or why they say nothing. */
function parse<R>(bytes: Uint8Array, schema: z.ZodType<R>): R | string {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    return "it is not JSON in UTF-8";
  }
  if (!isCanonical(text)) return "its JSON is not in canonical form";
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const issue = outcome.error.issues[0];
  return `${["report", ...(issue?.path ?? [])].join(".")}: ${issue?.message ?? "wrong shape"}`;
}
