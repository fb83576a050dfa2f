/** From the bytes somebody sent to a signed command: strict at each step, and never a throw, since the bytes are anybody's. */
import { canonicalText, sha256Hex } from "../events/canonical.js";
import { openEnvelope } from "../events/dsse.js";
import { parseStrictJson } from "../events/strictJson.js";
import type { Result, SignedCommand } from "./Decision.js";

/** Checks the shape of a command. `at` names the field. */
export type ParseCommand = (
  value: unknown,
) =>
  | { readonly ok: true; readonly command: SignedCommand["command"] }
  | { readonly ok: false; readonly at: string; readonly message: string };

/** A command as it came: what it says, the envelope bytes, and their SHA-256, which its events will carry. */
export interface ReadCommand {
  readonly signed: SignedCommand;
  readonly envelope: Uint8Array;
  readonly digest: string;
}

type Malformed = Extract<Result, { kind: "malformed" }>;

/** Opens an envelope: DSSE, then strict JSON that is its own canonical form, then a command that `parse` knows. Checks no signature. */
export function readCommand(envelope: Uint8Array, parse: ParseCommand): ReadCommand | Malformed {
  const opened = openEnvelope(envelope);
  if (!opened.ok) return malformed(opened.at, opened.message, "Send a DSSE envelope with one signature.");
  const { payload, keyid, signature } = opened;
  let text: string;
  try {
    text = utf8.decode(payload);
  } catch {
    return malformed("payload", "not UTF-8", "Sign the canonical JSON of a command.");
  }
  const json = parseStrictJson(text);
  if (!json.ok)
    return malformed(`payload, character ${json.at}`, json.message, "Sign the canonical JSON of a command.");
  if (canonicalText(json.value) !== text) {
    return malformed(
      "payload",
      "not canonical JSON (RFC 8785)",
      "Sort the keys, leave out white space, and sign again.",
    );
  }
  const parsed = parse(json.value);
  if (!parsed.ok) return malformed(parsed.at, parsed.message, "Correct that field and sign again.");
  // A copy: the caller keeps the right to reuse its buffer while the command waits.
  const bytes = new Uint8Array(envelope);
  return { signed: { command: parsed.command, payload, keyid, signature }, envelope: bytes, digest: sha256Hex(bytes) };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function malformed(at: string, message: string, next: string): Malformed {
  return { kind: "malformed", at, message, next };
}
