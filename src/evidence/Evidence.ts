/**
 * The evidence pack: what an outsider needs to check one run, or one unit through all its runs, with no ledger at hand. It is one HTML file: a page for
 * people, and in it, as one line of JSON in `<script type="application/json" id="evidence">`, the data that the page was made of. In that line `<` is
 * written `\u003c`; otherwise it is canonical JSON (RFC 8785). Only the data proves anything.
 *
 *     events      position, the leaf (the event's bytes, which are UTF-8 text), the inclusion proof (RFC 6962, base64) under the checkpoint
 *     commands    the signed DSSE envelope (base64) and the parts of each command that wrote one of the events
 *     contents    salt and bytes (base64) of each content the runs name; both null where it was not there
 *     checkpoint  the signed note (C2SP tlog-checkpoint, base64) that all of it is under
 *     subject     the runs it is about, and the unit, if it is about one
 *     made        by which program, on which Node and platform: for whoever reproduces it
 *
 * Future: what is only added leaves the version as it is where a checker may pass over it; anything else is version 2.
 */
import { z } from "zod";
import { canonicalBytes, canonicalText } from "../events/canonical.js";
import { count, digest, uuid } from "../events/fields.js";
import { parseStrictJson } from "../events/strictJson.js";

/** In the one way to write it: the same bytes must not stand in two packs. */
const base64 = z
  .string()
  .refine((text) => Buffer.from(text, "base64").toString("base64") === text, "must be padded base64");

const evidence = z.strictObject({
  format: z.literal("iu-ledger/evidence"),
  version: z.literal(1),
  ledger: z.string().min(1),
  origin: z.string().min(1),
  subject: z.strictObject({ runs: z.array(uuid).min(1), unit: uuid.nullable() }),
  checkpoint: base64,
  events: z.array(z.strictObject({ position: count, leaf: z.string().min(1), proof: z.array(base64) })).min(1),
  commands: z.array(
    z.strictObject({
      id: uuid,
      envelope: base64,
      parts: z.array(z.strictObject({ position: count, count: z.int().min(1), last: z.boolean() })).min(1),
    }),
  ),
  contents: z.array(z.strictObject({ commitment: digest, salt: base64.nullable(), bytes: base64.nullable() })),
  made: z.strictObject({ program: z.string(), node: z.string(), platform: z.string() }),
});
export type Evidence = z.infer<typeof evidence>;

const opening = '<script type="application/json" id="evidence">';
const closing = "</script>";

/** The line in a page that holds the data. */
export function embedEvidence(data: Evidence): string {
  return `${opening}${canonicalText(data).replaceAll("<", "\\u003c")}${closing}`;
}

export type ReadEvidence =
  | { readonly ok: true; readonly evidence: Evidence }
  | { readonly ok: false; readonly message: string };

/** The data in a page. Strict: the one place, canonical, in shape. */
export function readEvidence(page: Uint8Array): ReadEvidence {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(page);
  } catch {
    return { ok: false, message: "the file is not UTF-8" };
  }
  const begin = text.indexOf(opening);
  const end = text.indexOf(closing, begin);
  if (begin < 0 || end < 0) return { ok: false, message: "there is no evidence in it" };
  if (text.indexOf(opening, begin + 1) >= 0) return { ok: false, message: "there are two evidences in it" };
  const line = text.slice(begin + opening.length, end);
  const json = parseStrictJson(line);
  if (!json.ok) return { ok: false, message: `the evidence is not JSON: character ${json.at}: ${json.message}` };
  const parsed = evidence.safeParse(json.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { ok: false, message: `the evidence is not of its format: ${issue?.path.join(".")}: ${issue?.message}` };
  }
  if (embedEvidence(parsed.data) !== `${opening}${line}${closing}`)
    return { ok: false, message: "the evidence is not written as this format is" };
  return { ok: true, evidence: parsed.data };
}

/** The canonical bytes of the data, for a digest of it. */
export function evidenceBytes(data: Evidence): Uint8Array {
  return canonicalBytes(data);
}
