/**
 * The text of a checkpoint: C2SP tlog-checkpoint v1.0.0. Three lines, each ending in a newline: origin, size in decimal, root in base64.
 * Extension lines of others are read and kept, ours have none. What stands here is only a text: who signed it is
 * `signedCheckpoint.ts`'s to say.
 *
 * Example: "ledger.example/acme\n1042\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
 */
import { formatBase64, parseHash } from "./base64.js";
import { parseCount, requireCount, TlogError } from "./TlogError.js";

export interface Checkpoint {
  /** The log's identity, such as `ledger.example/acme`. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** The text to sign. Throws on an origin that is no line of text, a size above 2^53 - 1 or a root of other than 32 bytes. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  requireCount(size, "the size");
  if (root.length !== 32) throw malformed(`the root has ${root.length} bytes; a SHA-256 root has 32`);
  if (!isLine(origin)) throw malformed(`${JSON.stringify(origin)} is no origin: it must be one line of text`);
  return `${origin}\n${size}\n${formatBase64(root)}\n`;
}

/** The checkpoint of a text and its extension lines. Throws `MALFORMED`, naming the line, or `OUT_OF_RANGE` for a size we cannot count. */
export function parseCheckpoint(text: string): Checkpoint & { readonly extensions: readonly string[] } {
  if (!text.endsWith("\n")) throw malformed("its last line does not end in a newline");
  const [origin = "", sizeLine = "", rootLine = "", ...extensions] = text.slice(0, -1).split("\n");
  if (!isLine(origin)) throw malformed("line 1 is no origin");
  const size = parseCount(sizeLine);
  if (size === null) {
    if (!/^[1-9][0-9]{15,}$/.test(sizeLine)) throw malformed("line 2 is no size in decimal digits");
    throw new TlogError(
      "OUT_OF_RANGE",
      `the size ${sizeLine} is above ${Number.MAX_SAFE_INTEGER}`,
      "No log has so many leaves: ask where this comes from.",
    );
  }
  const root = parseHash(rootLine);
  if (root === null) throw malformed("line 3 is no root: 32 bytes in base64");
  const odd = extensions.findIndex((line) => !isLine(line));
  if (odd >= 0) throw malformed(`line ${odd + 4} is an empty extension line, or none`);
  return { origin, size, root, extensions };
}

/** One line of text: not empty, no control characters (those of ASCII), no half of a character. */
function isLine(line: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a note may not hold them
  return line !== "" && line.isWellFormed() && !/[\u0000-\u001f]/.test(line);
}

function malformed(what: string): TlogError {
  return new TlogError("MALFORMED", `not a checkpoint: ${what}`, "Get the checkpoint again, byte for byte.");
}
