/** What is wrong with a title or a text, as findings. It reports, and never repairs: an odd text is not made even to get it onto the ledger. */
import { LINES_MAX, lineBeyond } from "../documents/Lines.js";
import { findUtf8Fault } from "../documents/utf8.js";
import { type Finding, wordsMax } from "./Found.js";

/** A finding that keeps the document where it is. */
export function blocking(code: string, message: string, numbers: Finding["numbers"] = {}): Finding {
  return { code, message, numbers, blocks: true };
}

/** A finding that is only said. */
export function remark(code: string, message: string, numbers: Finding["numbers"] = {}): Finding {
  return { code, message, numbers, blocks: false };
}

/** The findings about a text that is there. `sizeMax`: what the policy allows, in bytes. */
export function bodyFindings(bytes: Uint8Array, sizeMax: number): Finding[] {
  if (bytes.length === 0) return [blocking("BODY_EMPTY", "The text has no bytes.", { length: 0 })];
  if (bytes.length > sizeMax) return [tooLarge(bytes.length, sizeMax)];
  const fault = findUtf8Fault(bytes);
  if (fault !== null)
    return [blocking(fault.code, `Byte ${fault.offset} of the text is ${fault.what}.`, { offset: fault.offset })];
  if (isBlank(bytes)) return [blocking("BODY_BLANK", "The text is white space only.", { length: bytes.length })];
  const beyond = lineBeyond(bytes, LINES_MAX);
  if (beyond === null) return [];
  const message = `The text has more than ${LINES_MAX} lines: the first too many begins at byte ${beyond}.`;
  return [blocking("TOO_MANY_LINES", message, { offset: beyond })];
}

export function tooLarge(length: number, sizeMax: number): Finding {
  return blocking("BODY_TOO_LARGE", `The text is ${length} bytes; the policy allows ${sizeMax}.`, { length, sizeMax });
}

/** The findings about a title. Null: the source has none. */
export function titleFindings(title: string | null): Finding[] {
  if (title === null) return [blocking("TITLE_MISSING", "The source has no title for it.")];
  if (title.trim() === "")
    return [blocking("TITLE_MISSING", "Its title is empty, or white space only.", { length: title.length })];
  if (title.length > wordsMax)
    return [
      blocking("TITLE_TOO_LONG", `Its title has ${title.length} characters; a title has at most ${wordsMax}.`, {
        length: title.length,
        lengthMax: wordsMax,
      }),
    ];
  return [];
}

const blanks = new Set([0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d]);

/** Of a text that is white space nearly every byte is looked at; of any other only the first few. */
function isBlank(bytes: Uint8Array): boolean {
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x80) return new TextDecoder().decode(bytes.subarray(from)).trim() === "";
    if (!blanks.has(byte)) return false;
  }
  return true;
}
