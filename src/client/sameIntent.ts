/**
 * Whether two signed commands ask for the same thing. Asked again after a timeout, a command is signed anew and says another time of
 * issue; everything else it says must be the same, or it is another command under a used id.
 */
import { canonicalText } from "../events/canonical.js";
import { openEnvelope } from "../events/dsse.js";

/** Compares two envelopes by what they ask, leaving out when (`at`) and the signature. False where one cannot be read. */
export function sameIntent(one: Uint8Array, other: Uint8Array): boolean {
  const [first, second] = [intentOf(one), intentOf(other)];
  return first !== null && first === second;
}

function intentOf(envelope: Uint8Array): string | null {
  const opened = openEnvelope(envelope);
  if (!opened.ok) return null;
  const { at: _, ...intent } = JSON.parse(Buffer.from(opened.payload).toString("utf8")) as Record<string, unknown>;
  return canonicalText(intent);
}
