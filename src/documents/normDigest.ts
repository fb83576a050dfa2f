/**
 * The digest that ignores layout: two texts with the same norm differ at most in Unicode form and in white space.
 */
import { sha256Hex } from "../events/canonical.js";
import { WHITE } from "./whiteSpace.js";

/** Stored beside every norm digest, so that a later algorithm cannot be mistaken for this one. */
export const NORM_ALGORITHM = "nfc-ws/1";

const runs = new RegExp(`[${WHITE}]+`, "g");
const edges = new RegExp(`^\\ufeff?[${WHITE}]*|[${WHITE}]$`, "g");

/** NFC, each run of white space one space, none at the edges, a leading BOM dropped. */
export function normText(slice: Uint8Array): string {
  const text = Buffer.from(slice.buffer, slice.byteOffset, slice.byteLength).toString("utf8");
  return text.normalize("NFC").replace(runs, " ").replace(edges, "");
}

/** SHA-256 (hex) of `normText`, as UTF-8. Algorithm id `nfc-ws/1`. */
export function normDigest(slice: Uint8Array): string {
  return sha256Hex(normText(slice));
}
